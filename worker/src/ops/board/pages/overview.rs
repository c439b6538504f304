//! The overview: health, and where problems are. It shows the latest snapshot, without a query of its
//! own, and sends every new snapshot to open pages.

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
    kind_row::KindRow,
    query::{self, Said},
};
use crate::ops::{
    JobCounts,
    health::{Finding, HealthSummary},
    last_hour::LastHour,
    sampler::Sampler,
    snapshot::QueueSnapshot,
    words,
};

/// An open page says that it is outdated after this time without a new snapshot.
const STALE: Duration = Duration::from_secs(15);

/// Ends an endless stream.
#[derive(Clone)]
pub(super) struct Stop(pub(super) CancellationToken);

#[derive(Template)]
#[template(path = "board/overview.html")]
struct Overview<'a> {
    frame: &'a Frame,
    said: Option<String>,
    /// Nothing, as long as there is no snapshot.
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
    kinds: Vec<KindRow>,
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
    kind: String,
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
    sampler: Data<&Sampler>,
    said: Query<Said>,
) -> poem::Result<Response> {
    let view = sampler.latest().map(|snapshot| View::new(&frame, &snapshot));
    html(&Overview { frame: &frame, said: said.0.sentence(), view })
}

/// The part that changes, whenever it does (server-sent events).
#[handler]
pub(super) fn live(frame: Frame, sampler: Data<&Sampler>, stop: Data<&Stop>) -> SSE {
    SSE::new(updates(frame, sampler.0.clone(), stop.0.0.clone()))
}

fn updates(frame: Frame, sampler: Sampler, stop: CancellationToken) -> impl Stream<Item = Event> {
    stream::unfold((frame, sampler, stop), |(frame, mut sampler, stop)| async move {
        let snapshot = stop.run_until_cancelled(next(&mut sampler)).await??;
        let view = View::new(&frame, &snapshot);
        let html = Live { frame: &frame, view: &view }.render().ok()?;
        Some((Event::message(html), (frame, sampler, stop)))
    })
}

/// The next snapshot; the last one again when none has come for a while, because its age is news, too.
/// None when the process ends.
async fn next(sampler: &mut Sampler) -> Option<Arc<QueueSnapshot>> {
    loop {
        let is_over = tokio::time::timeout(STALE, sampler.changed()).await == Ok(false);
        match sampler.latest() {
            _ if is_over => return None,
            Some(snapshot) => return Some(snapshot),
            None => {}
        }
    }
}

impl View {
    fn new(frame: &Frame, snapshot: &QueueSnapshot) -> Self {
        let summary = HealthSummary::new(snapshot, frame.app.clock.now());
        let hour = LastHour::sum(snapshot.kinds.iter().map(|kind| &kind.last_hour));
        let reasons = snapshot.reasons.iter().map(|reason| Reason {
            kind: reason.kind.clone(),
            class: reason.class.clone(),
            count: words::number(reason.count),
            last: frame.when(reason.last_at),
            link: link(&reason.kind, &reason.class),
        });
        let workers = snapshot.processes.iter().map(|process| Worker {
            name: format!("{}, process {}", process.host, process.pid),
            version: process.version.clone(),
            is_alive: process.is_alive,
            seen: frame.when(process.seen_at),
            started: frame.when(process.started_at),
        });
        Self {
            taken: frame.when(snapshot.backlog.now),
            is_well: summary.is_well(),
            sentence: summary.sentence(),
            findings: summary.findings,
            facts: facts(snapshot, &hour),
            kinds: snapshot.kinds.iter().map(|kind| KindRow::new(frame, kind)).collect(),
            charts: [Chart::throughput(&hour), Chart::latency(&hour)],
            reasons: reasons.collect(),
            way: way(snapshot),
            mails: mails(snapshot),
            workers: workers.collect(),
        }
    }
}

/// Jobs that are not done for this reason, in whichever state: the longest words of the error between its
/// numbers.
fn link(kind: &str, class: &str) -> String {
    let words = class.split('#').max_by_key(|part| part.len()).unwrap_or_default().trim();
    query::to("/jobs").append_pair("queue", kind).append_pair("q", words).finish()
}

fn facts(snapshot: &QueueSnapshot, hour: &LastHour) -> Vec<Fact> {
    let sum = |of: fn(&JobCounts) -> i64| -> i64 {
        snapshot.kinds.iter().map(|kind| of(&kind.jobs)).sum()
    };
    let oldest = snapshot.kinds.iter().filter_map(|kind| kind.jobs.oldest_available_s);
    let oldest = oldest.fold(0.0, f64::max);
    let dead = snapshot.dead();
    vec![
        Fact {
            name: "Available",
            value: words::number(sum(|jobs| jobs.available)),
            hint: match sum(|jobs| jobs.available) {
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
            name: "Scheduled",
            value: words::number(sum(|jobs| jobs.scheduled)),
            hint: "due later".to_owned(),
        },
        Fact {
            name: "Dead",
            value: words::number(dead),
            hint: if dead == 0 { "none" } else { "until an operator decides" }.to_owned(),
        },
        Fact {
            name: "Completed in an hour",
            value: words::number(hour.completed()),
            hint: format!("{} failed", words::count(hour.failed(), "attempt")),
        },
    ]
}

fn way(snapshot: &QueueSnapshot) -> Vec<Fact> {
    let backlog = &snapshot.backlog;
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
    match snapshot.stream {
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

fn mails(snapshot: &QueueSnapshot) -> Vec<Fact> {
    let names = [
        ("planned", "Planned", "not tried yet"),
        ("sending", "Sending", "a worker talks to the relay"),
        ("deferred", "Deferred", "the relay said: later"),
        ("failed", "Failed", "the relay said: never"),
        ("expired", "Expired", "too late, or the link was used"),
    ];
    let of = |state: &str| snapshot.backlog.mails.get(state).copied().unwrap_or_default();
    let facts = names.into_iter().map(|(state, name, hint)| Fact {
        name,
        value: words::number(of(state)),
        hint: hint.to_owned(),
    });
    facts.collect()
}
