//! A story as steps: the request, the event, the stream, the job, the mail, each with its time.

use serde_json::Value;

use super::{Frame, When, query};
use crate::ops::{
    JobRecord, JobState,
    store::history::{EventHistory, LedgerEmail},
    trace::JobHistory,
    words,
};

/// A step of a story.
pub(super) struct Step {
    pub(super) title: String,
    pub(super) when: Option<When>,
    /// What is known of it.
    pub(super) facts: Vec<Fact>,
    /// Whether it went wrong.
    pub(super) is_bad: bool,
    /// Whether it has still to happen.
    pub(super) is_open: bool,
}

/// Something that is known.
pub(super) struct Fact {
    pub(super) name: String,
    pub(super) value: String,
    /// Where there is more of it.
    pub(super) link: Option<String>,
}

impl Fact {
    pub(super) fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), link: None }
    }

    /// The id of something that can be traced.
    fn id(name: impl Into<String>, id: impl Into<String>) -> Self {
        let id = id.into();
        let link = query::to("/trace").append_pair("q", &id).finish();
        Self { name: name.into(), value: id, link: Some(link) }
    }
}

impl Step {
    fn new(title: impl Into<String>, when: Option<When>) -> Self {
        Self { title: title.into(), is_open: when.is_none(), when, facts: vec![], is_bad: false }
    }

    fn with(mut self, facts: impl IntoIterator<Item = Fact>) -> Self {
        self.facts.extend(facts);
        self
    }

    fn bad(mut self, is_bad: bool) -> Self {
        self.is_bad = is_bad;
        self
    }
}

/// the event pipeline, from the request to the queues.
pub(super) fn of_event(frame: &Frame, story: &EventHistory) -> Vec<Step> {
    let request = Step::new("Request", Some(frame.when(story.occurred_at))).with([
        Fact::id("request id", &story.trace.request_id),
        Fact::id("trace id", story.trace.trace_id()),
    ]);
    let event = Step::new(format!("Event {}", story.subject), Some(frame.when(story.occurred_at)))
        .with([Fact::id("event id", story.event_id.to_string())])
        .with(members(&story.data));
    let sequence = story.stream_sequence.map(|sequence| Fact::new("place", sequence.to_string()));
    let published =
        Step::new("In the stream", story.published_at.map(|at| frame.when(at))).with(sequence);
    let received = match &story.dead_letter {
        Some(reason) => Step::new("Could not be read", Some(frame.when(story.occurred_at)))
            .with([Fact::new("reason", reason)])
            .bad(true),
        None => {
            Step::new("Received: its jobs were made", story.received_at.map(|at| frame.when(at)))
        }
    };
    vec![request, event, published, received]
}

/// The members of an event, as far as they say something by themselves.
fn members(data: &Value) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (name, value) in data.as_object().into_iter().flatten() {
        let name = name.replace('_', " ");
        let values = match value {
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in values {
            match value {
                Value::Null => {}
                Value::String(text) if text.parse::<uuid::Uuid>().is_ok() => {
                    facts.push(Fact::id(&name, text));
                }
                Value::String(text) => facts.push(Fact::new(&name, text)),
                other => facts.push(Fact::new(&name, other.to_string())),
            }
        }
    }
    facts
}

/// The story of one job.
pub(super) fn of_job(frame: &Frame, story: &JobHistory) -> Vec<Step> {
    let job = &story.job;
    let mut steps = match (&story.event, job.event_id()) {
        (Some(event), _) => of_event(frame, event),
        // The outbox keeps it no longer: the job knows where it came from.
        (None, Some(id)) => {
            let request = job.payload["trace"]["request_id"].as_str().unwrap_or_default();
            let event = Step::new("Event", id.made_at().map(|at| frame.when(at)));
            vec![
                event.with([Fact::id("event id", id.to_string()), Fact::id("request id", request)]),
            ]
        }
        (None, None) => vec![],
    };
    let made =
        Step::new(format!("Queued as {}", job.kind), job.inserted_at().map(|at| frame.when(at)));
    steps.push(made.with([Fact::new("job", &job.id)]));
    steps.extend(story.attempts.iter().map(|attempt| {
        Step::new(
            format!("Attempt {} failed", attempt.attempt),
            Some(frame.when(attempt.failed_at)),
        )
        .with([
            Fact::new("after", words::ms(f64::from(attempt.run_ms))),
            Fact::new("error", &attempt.error),
        ])
        .bad(true)
    }));
    steps.push(now(frame, job));
    steps.extend(story.email.as_ref().map(|email| of_mail(frame, email)));
    steps
}

/// Where a job has come to.
fn now(frame: &Frame, job: &JobRecord) -> Step {
    let at = |at| Some(frame.when(at));
    let ended = job.ended_at.map(|at| frame.when(at));
    match job.state {
        JobState::Available => {
            Step { is_open: true, ..Step::new("Waits for a worker", at(job.due_at)) }
        }
        JobState::Scheduled => {
            let title = format!("Attempt {} is due", job.attempts + 1);
            Step { is_open: true, ..Step::new(title, at(job.due_at)) }
        }
        JobState::Running => {
            let worker = job.taken_by.as_ref().map(|worker| Fact::new("worker", worker));
            let title = format!("Attempt {} is running", job.attempts + 1);
            Step { is_open: true, ..Step::new(title, job.taken_at.map(|at| frame.when(at))) }
                .with(worker)
        }
        JobState::Completed => {
            Step::new(format!("Completed by attempt {}", job.attempts.max(1)), ended)
        }
        JobState::Dead => {
            let error = job.last_error.as_ref().map(|error| Fact::new("error", error));
            Step::new("Dead", ended).with(error).bad(true)
        }
        JobState::Discarded => Step::new("Discarded by an operator", ended).bad(true),
    }
}

/// What the ledger says of a mail.
pub(super) fn of_mail(frame: &Frame, mail: &LedgerEmail) -> Step {
    let reply = mail.reply.as_ref().map(|reply| Fact::new("the relay said", reply));
    let next = mail.next_try_at.map(|at| {
        let when = frame.when(at);
        Fact::new("next try", format!("{}, {}", when.ago, when.exact))
    });
    Step::new(
        format!("Mail {}: {}", mail.kind, in_words(&mail.state)),
        Some(frame.when(mail.updated_at)),
    )
    .with([Fact::id("Message-ID", mail.mail_id.to_string())])
    .with([Fact::new("attempts", mail.attempts.to_string())])
    .with(reply)
    .with(next)
    .bad(matches!(mail.state.as_str(), "failed" | "expired"))
}

/// What the state of a mail means.
pub(super) fn in_words(state: &str) -> &'static str {
    match state {
        "planned" => "planned, not tried yet",
        "sending" => "being sent",
        "accepted" => "accepted by the relay",
        "deferred" => "deferred by the relay, tried again",
        "failed" => "failed, not tried any more",
        "expired" => "expired, not tried any more",
        "suppressed" => "not sent: it leads nowhere",
        _ => "unknown",
    }
}
