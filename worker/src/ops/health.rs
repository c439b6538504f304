//! What needs attention, in sentences: for an operator who has one minute.

use chrono::{DateTime, Utc};

use super::{
    snapshot::{KindSnapshot, QueueSnapshot},
    store::backlog::Backlog,
    words::{count, span},
};
use crate::pipeline::StreamLag;

/// A kind whose oldest available job has waited longer is stuck.
const STUCK_S: f64 = 30.0;
/// An event that has waited longer to be published is late.
const LATE_S: f64 = 15.0;
/// An older snapshot does not describe the present.
const STALE_S: f64 = 90.0;
/// Messages that the worker may be behind.
const MAX_PENDING: u64 = 5_000;
/// The share of failed attempts within the last [`RECENT_MINUTES`] that is reported, if there are at
/// least [`MIN_FAILURES`].
const FAILURE_SHARE: f64 = 0.1;
const MIN_FAILURES: i64 = 3;
const RECENT_MINUTES: usize = 10;

/// Something that an operator should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// A sentence.
    pub text: String,
    /// Whether it needs an action.
    pub is_bad: bool,
    /// The page of the board that shows it.
    pub link: String,
}

/// The findings of a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HealthSummary {
    /// What needs an action comes first.
    pub findings: Vec<Finding>,
}

impl HealthSummary {
    /// Judges a snapshot at `now`.
    #[must_use]
    pub fn new(snapshot: &QueueSnapshot, now: DateTime<Utc>) -> Self {
        let mut summary = Self::default();
        let backlog = &snapshot.backlog;
        let age = (now - backlog.now).as_seconds_f64();
        if age > STALE_S {
            let text = format!("This snapshot is {} old: Postgres is unreachable.", span(&age));
            summary.bad("", text);
        }
        if snapshot.workers_alive() == 0 {
            summary.bad("#workers", "No worker is running: jobs are not executed.");
        }
        match &snapshot.stream {
            None => summary.bad("#pipeline", "NATS is unreachable: events wait in the outbox."),
            Some(stream) => summary.judge_pipeline(backlog, stream, now),
        }
        for kind in &snapshot.kinds {
            summary.judge_kind(kind);
        }
        summary.waits_for_a_release("#queues", snapshot.unknown_jobs, "job");
        summary.findings.sort_by_key(|finding| !finding.is_bad);
        summary
    }

    /// Whether nothing needs an action.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.bad_count() == 0
    }

    /// The summary in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self.bad_count() {
            0 if self.findings.is_empty() => "All is well: nothing is stuck or failing.".to_owned(),
            0 => "All is well, except for what is paused.".to_owned(),
            1 => "One thing needs attention.".to_owned(),
            more => format!("{more} things need attention."),
        }
    }

    fn bad_count(&self) -> usize {
        self.findings.iter().filter(|finding| finding.is_bad).count()
    }

    fn bad(&mut self, link: impl Into<String>, text: impl Into<String>) {
        self.findings.push(Finding { text: text.into(), is_bad: true, link: link.into() });
    }

    fn judge_pipeline(&mut self, backlog: &Backlog, stream: &StreamLag, now: DateTime<Utc>) {
        if let Some(since) = backlog.unwritable_since {
            let age = span(&(now - since).as_seconds_f64());
            let text = format!(
                "NATS answers but has not written the stream for {age}: events wait in the outbox. \
                 Restart nats-server."
            );
            self.bad("#pipeline", text);
        }
        if let Some(age) = backlog.oldest_unpublished_s.filter(|age| *age > LATE_S) {
            let events = count(backlog.unpublished, "unpublished event");
            self.bad("#pipeline", format!("{events}, the oldest for {}.", span(&age)));
        }
        if stream.pending > MAX_PENDING {
            let pending = count(stream.pending, "event");
            self.bad("#pipeline", format!("The worker is {pending} behind the stream."));
        }
        self.waits_for_a_release("#pipeline", backlog.parked, "event");
        if backlog.dead_letters > 0 {
            let events = count(backlog.dead_letters, "unreadable event");
            self.bad("/unreadable", format!("{events}."));
        }
    }

    /// Reports events or jobs that only another release can read.
    fn waits_for_a_release(&mut self, link: &str, waiting: i64, what: &str) {
        let text = match waiting {
            0 => return,
            1 => format!("1 {what} waits for a release that can read it."),
            more => format!("{} wait for a release that can read them.", count(more, what)),
        };
        self.findings.push(Finding { text, is_bad: false, link: link.to_owned() });
    }

    fn judge_kind(&mut self, kind: &KindSnapshot) {
        let (name, jobs) = (kind.kind, &kind.jobs);
        let link = |state: &str| format!("/jobs?queue={name}&state={state}");
        if let Some(pause) = &kind.pause {
            // Jobs of a paused kind are postponed, so they count as scheduled.
            let waiting = match jobs.available + jobs.scheduled {
                0 => "no job waits".to_owned(),
                1 => "1 job waits".to_owned(),
                more => format!("{} wait", count(more, "job")),
            };
            let text = format!("{name} is paused by {}: {waiting}.", pause.by);
            self.findings.push(Finding { text, is_bad: false, link: "#queues".to_owned() });
        } else if let Some(age) = jobs.oldest_available_s.filter(|age| *age > STUCK_S) {
            let (waiting, age) = (count(jobs.available, "available job"), span(&age));
            let text = format!("{name} is stuck: {waiting}, the oldest for {age}.");
            self.bad(link("available"), text);
        }
        let recent = &kind.last_hour.minutes[kind.last_hour.minutes.len() - RECENT_MINUTES..];
        let failed: i64 = recent.iter().map(|minute| minute.failed).sum();
        let all = failed + recent.iter().map(|minute| minute.completed).sum::<i64>();
        if failed >= MIN_FAILURES && failed as f64 >= all as f64 * FAILURE_SHARE {
            let all = count(all, "attempt");
            let text =
                format!("{name} fails: {failed} of {all} in the last {RECENT_MINUTES} minutes.");
            self.bad(link("scheduled"), text);
        }
        if jobs.dead > 0 {
            self.bad(link("dead"), format!("{name}: {}.", count(jobs.dead, "dead job")));
        }
    }
}
