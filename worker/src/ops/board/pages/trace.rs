//! Everything that is known of a request, a trace, an event, a mail, an account or a job.

use askama::Template;
use poem::{Response, handler, web::Query};
use serde::Deserialize;

use super::{
    Frame, When, html,
    job_row::JobRow,
    query::{self, Said},
    story::{self, Step, in_words},
    unavailable,
};
use crate::ops::{
    JobRecord, JobState,
    store::history::EventHistory,
    trace::{self, RECENT, TraceResult},
    words,
};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "board/trace.html")]
struct Trace<'a> {
    frame: &'a Frame,
    said: Option<String>,
    q: &'a str,
    /// Addresses are not searched for.
    is_address: bool,
    is_user: bool,
    /// How many events were looked through, if the id is one of a trace.
    among: Option<String>,
    mails: Vec<Mail>,
    events: Vec<Event>,
    /// Jobs whose event the outbox keeps no longer.
    others: Vec<JobRow>,
    /// Whether what is shown is about to change.
    is_under_way: bool,
    here: String,
}

struct Mail {
    id: String,
    kind: String,
    state: &'static str,
    is_bad: bool,
    attempts: i32,
    reply: String,
    asked: When,
    updated: When,
    next: Option<When>,
    job: Option<String>,
}

struct Event {
    id: String,
    subject: String,
    when: When,
    /// Whether the event could not be read, or one of its jobs is dead.
    is_bad: bool,
    steps: Vec<Step>,
    jobs: Vec<JobRow>,
}

#[handler]
pub(super) async fn show(
    frame: Frame,
    asked: Query<Asked>,
    said: Query<Said>,
) -> poem::Result<Response> {
    let q = trace::id_in(&asked.q);
    let found = if q.is_empty() {
        Ok(TraceResult::default())
    } else {
        trace::find(&frame.app, q, RECENT).await
    };
    let found = match found {
        Ok(found) => found,
        Err(error) => return unavailable(&frame, &error),
    };
    let events: Vec<Event> = found.events.iter().map(|event| of(&frame, event, &found)).collect();
    let others = found.jobs.iter().filter(|job| !events.iter().any(|event| event.has(&job.id)));
    html(&Trace {
        said: said.0.sentence(),
        q,
        is_address: q.contains('@'),
        is_user: found.user.is_some(),
        among: trace::is_trace(q).then(|| words::number(RECENT)),
        mails: mails(&frame, &found),
        is_under_way: found.jobs.iter().any(JobRecord::is_in_progress),
        others: others.map(|job| JobRow::new(&frame, job)).collect(),
        events,
        here: query::to("/trace").append_pair("q", q).finish(),
        frame: &frame,
    })
}

impl Event {
    fn has(&self, job: &str) -> bool {
        self.jobs.iter().any(|row| row.id == job)
    }
}

fn of(frame: &Frame, event: &EventHistory, found: &TraceResult) -> Event {
    let id = event.event_id.to_string();
    let is_its = |job: &&JobRecord| job.event_id() == Some(event.event_id);
    let jobs: Vec<&JobRecord> = found.jobs.iter().filter(is_its).collect();
    Event {
        subject: event.subject.clone(),
        steps: story::of_event(frame, event),
        when: frame.when(event.occurred_at),
        is_bad: event.dead_letter.is_some() || jobs.iter().any(|job| job.state == JobState::Dead),
        jobs: jobs.into_iter().map(|job| JobRow::new(frame, job)).collect(),
        id,
    }
}

fn mails(frame: &Frame, found: &TraceResult) -> Vec<Mail> {
    let mails = found.emails.iter().map(|mail| Mail {
        id: mail.mail_id.to_string(),
        kind: mail.kind.clone(),
        state: in_words(&mail.state),
        is_bad: matches!(mail.state.as_str(), "failed" | "expired"),
        attempts: mail.attempts,
        reply: mail.reply.clone().unwrap_or_default(),
        asked: frame.when(mail.asked_at),
        updated: frame.when(mail.updated_at),
        next: mail.next_try_at.map(|at| frame.when(at)),
        job: found.job_of(mail).map(|job| job.id.clone()),
    });
    mails.collect()
}
