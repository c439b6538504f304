//! The first page: whether all is well, and if not, where. Costs Postgres nothing: it shows the
//! latest census, and sends every new one to whoever keeps the page open.

use std::{sync::Arc, time::Duration};

use askama::Template;
use futures_util::{Stream, stream};
use poem::{
    Response, handler,
    web::{
        Data, Query,
        sse::{Event, SSE},
    },
};
use tokio_util::sync::CancellationToken;

use super::{
    Frame, When,
    chart::Chart,
    html,
    query::{self, Said},
    queue_row::QueueRow,
};
use crate::ops::board::{
    Lookout,
    census::Census,
    hour::Hour,
    verdict::{self, Finding},
    words,
};

/// A page that got nothing new for so long is told so.
const STALE: Duration = Duration::from_secs(15);

/// Ends what would go on for ever.
#[derive(Clone)]
pub(super) struct Stop(pub(super) CancellationToken);

#[derive(Template)]
#[template(path = "board/overview.html")]
struct Overview<'a> {
    frame: &'a Frame,
    said: Option<String>,
    /// Nothing, as long as no census was taken.
    view: Option<View>,
}

/// The part that changes.
#[derive(Template)]
#[template(path = "board/live.html")]
struct Live<'a> {
    frame: &'a Frame,
    view: &'a View,
}

struct View {
    taken: When,
    is_well: bool,
    sentence: String,
    findings: Vec<Finding>,
    facts: Vec<Fact>,
    queues: Vec<QueueRow>,
    charts: [Chart; 2],
    reasons: Vec<Reason>,
    way: Vec<Fact>,
    mails: Vec<Fact>,
    workers: Vec<Worker>,
}

/// A number, and what it is.
struct Fact {
    name: &'static str,
    value: String,
    hint: String,
}

struct Reason {
    queue: String,
    class: String,
    count: String,
    last: When,
    link: String,
}

struct Worker {
    name: String,
    version: String,
    is_alive: bool,
    seen: When,
    started: When,
}

#[handler]
pub(super) fn show(
    frame: Frame,
    lookout: Data<&Lookout>,
    said: Query<Said>,
) -> poem::Result<Response> {
    let view = lookout.latest().map(|census| View::new(&frame, &census));
    html(&Overview { frame: &frame, said: said.0.sentence(), view })
}

/// The part that changes, whenever it does (server-sent events).
#[handler]
pub(super) fn live(frame: Frame, lookout: Data<&Lookout>, stop: Data<&Stop>) -> SSE {
    SSE::new(news(frame, lookout.0.clone(), stop.0.0.clone()))
}

fn news(frame: Frame, lookout: Lookout, stop: CancellationToken) -> impl Stream<Item = Event> {
    stream::unfold((frame, lookout, stop), |(frame, mut lookout, stop)| async move {
        let census = stop.run_until_cancelled(next(&mut lookout)).await??;
        let view = View::new(&frame, &census);
        let html = Live { frame: &frame, view: &view }.render().ok()?;
        Some((Event::message(html), (frame, lookout, stop)))
    })
}

/// The next census; the last one again when none has come for a while, because its age is news, too.
/// None when the process ends.
async fn next(lookout: &mut Lookout) -> Option<Arc<Census>> {
    loop {
        let is_over = tokio::time::timeout(STALE, lookout.next()).await == Ok(false);
        match lookout.latest() {
            _ if is_over => return None,
            Some(census) => return Some(census),
            None => {}
        }
    }
}

impl View {
    fn new(frame: &Frame, census: &Census) -> Self {
        let findings = verdict::findings(census, frame.app.clock.now());
        let hour = Hour::sum(census.queues.iter().map(|queue| &queue.hour));
        let reasons = census.reasons.iter().map(|reason| Reason {
            queue: reason.queue.clone(),
            class: reason.class.clone(),
            count: words::number(reason.count),
            last: frame.when(reason.last_at),
            link: link(&reason.queue, &reason.class),
        });
        let workers = census.processes.iter().map(|process| Worker {
            name: format!("{}, process {}", process.host, process.pid),
            version: process.version.clone(),
            is_alive: process.is_alive,
            seen: frame.when(process.seen_at),
            started: frame.when(process.started_at),
        });
        Self {
            taken: frame.when(census.backlog.now),
            is_well: !findings.iter().any(|finding| finding.is_bad),
            sentence: verdict::sentence(&findings),
            findings,
            facts: facts(census, &hour),
            queues: census.queues.iter().map(|queue| QueueRow::new(frame, queue)).collect(),
            charts: [Chart::throughput(&hour), Chart::latency(&hour)],
            reasons: reasons.collect(),
            way: way(census),
            mails: mails(census),
            workers: workers.collect(),
        }
    }
}

/// Jobs that are not done for this reason, in whichever state: the longest words of the error between its
/// numbers.
fn link(queue: &str, class: &str) -> String {
    let words = class.split('#').max_by_key(|part| part.len()).unwrap_or_default().trim();
    query::to("/jobs").append_pair("queue", queue).append_pair("q", words).finish()
}

fn facts(census: &Census, hour: &Hour) -> Vec<Fact> {
    let sum = |of: fn(&super::super::JobCounts) -> i64| -> i64 {
        census.queues.iter().map(|queue| of(&queue.jobs)).sum()
    };
    let oldest = census.queues.iter().filter_map(|queue| queue.jobs.oldest_waiting_s);
    let oldest = oldest.fold(0.0, f64::max);
    let dead = census.dead();
    vec![
        Fact {
            name: "Waiting",
            value: words::number(sum(|jobs| jobs.waiting)),
            hint: match sum(|jobs| jobs.waiting) {
                0 => "no job is due".to_owned(),
                _ => format!("the oldest for {}", words::span(oldest)),
            },
        },
        Fact {
            name: "Running",
            value: words::number(sum(|jobs| jobs.running)),
            hint: "in the hands of workers".to_owned(),
        },
        Fact {
            name: "Tried again later",
            value: words::number(sum(|jobs| jobs.scheduled)),
            hint: "failed, and not given up".to_owned(),
        },
        Fact {
            name: "Given up",
            value: words::number(dead),
            hint: if dead == 0 { "none" } else { "until somebody decides" }.to_owned(),
        },
        Fact {
            name: "Done in an hour",
            value: words::number(hour.done()),
            hint: format!("{} failed", words::count(hour.failed(), "attempt")),
        },
    ]
}

fn way(census: &Census) -> Vec<Fact> {
    let backlog = &census.backlog;
    let number = |n: u64| words::number(i64::try_from(n).unwrap_or(i64::MAX));
    let oldest = backlog.oldest_unpublished_s;
    let mut way = vec![Fact {
        name: "In the outbox",
        value: words::number(backlog.unpublished),
        hint: oldest.map_or_else(
            || "all are in the stream".to_owned(),
            |age| format!("not in the stream yet, the oldest for {}", words::span(age)),
        ),
    }];
    match census.stream {
        Some(lag) => way.extend([
            Fact {
                name: "In the stream",
                value: number(lag.pending),
                hint: "not delivered to a worker yet".to_owned(),
            },
            Fact {
                name: "Unacknowledged",
                value: number(lag.unacknowledged),
                hint: "delivered, not stored yet".to_owned(),
            },
        ]),
        None => way.push(Fact {
            name: "In the stream",
            value: "?".to_owned(),
            hint: "NATS does not answer".to_owned(),
        }),
    }
    way.push(Fact {
        name: "Unreadable",
        value: words::number(backlog.dead_letters),
        hint: "kept with the reason".to_owned(),
    });
    way
}

fn mails(census: &Census) -> Vec<Fact> {
    let names = [
        ("planned", "Planned", "not tried yet"),
        ("sending", "Sending", "a worker talks to the relay"),
        ("deferred", "Deferred", "the relay said: later"),
        ("failed", "Failed", "the relay said: never"),
        ("expired", "Expired", "too late, or the link was used"),
    ];
    let of = |state: &str| census.backlog.mails.get(state).copied().unwrap_or_default();
    let facts = names.into_iter().map(|(state, name, hint)| Fact {
        name,
        value: words::number(of(state)),
        hint: hint.to_owned(),
    });
    facts.collect()
}
