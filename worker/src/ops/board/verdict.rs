//! Whether all is well, in sentences: what a person reads who has one minute.

use chrono::{DateTime, Utc};

use super::{
    census::{Census, QueueCensus},
    words::{count, span},
};

/// A job that has been due for longer is stuck.
const STUCK_S: f64 = 30.0;
/// An event that has waited longer for the stream is late.
const LATE_S: f64 = 15.0;
/// A census that is older says nothing of now.
const OLD_S: f64 = 90.0;
/// Messages that the worker may be behind.
const BEHIND: u64 = 5_000;
/// Of attempts within the last minutes this part may fail, and a few in any case: they are tried
/// again.
const FAILING: f64 = 0.1;
const FEW: i64 = 3;
/// So many minutes.
const LATELY: usize = 10;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What, in a sentence.
    pub text: String,
    /// Whether somebody has to do something; else it is good to know.
    pub is_bad: bool,
    /// Where it can be looked at.
    pub link: String,
}

/// What is not as it should be, the bad things first; nothing if all is well.
#[must_use]
pub fn findings(census: &Census, now: DateTime<Utc>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut say = |is_bad, link: &str, text: String| {
        findings.push(Finding { text, is_bad, link: link.to_owned() });
    };
    let age = (now - census.backlog.now).as_seconds_f64();
    if age > OLD_S {
        say(true, "", format!("These numbers are {} old: Postgres does not answer.", span(age)));
    }
    if census.workers_alive() == 0 {
        say(true, "#workers", "No worker is alive: nothing is done.".to_owned());
    }
    let Some(stream) = &census.stream else {
        say(true, "#way", "NATS does not answer: events wait in the outbox.".to_owned());
        return with_queues(census, findings);
    };
    let backlog = &census.backlog;
    if let Some(since) = backlog.unwritable_since {
        let age = span((now - since).as_seconds_f64());
        let text = format!(
            "NATS answers but has not written the stream for {age}: events wait in the outbox. \
             Restart nats-server."
        );
        say(true, "#way", text);
    }
    if let Some(age) = backlog.oldest_unpublished_s.filter(|age| *age > LATE_S) {
        let events = count(backlog.unpublished, "event");
        say(true, "#way", format!("{events} wait for the stream, the oldest for {}.", span(age)));
    }
    if stream.pending > BEHIND {
        let pending = i64::try_from(stream.pending).unwrap_or(i64::MAX);
        let text = format!("The worker is {} of the stream behind.", count(pending, "event"));
        say(true, "#way", text);
    }
    if backlog.dead_letters > 0 {
        let text = format!("{} could not be read.", count(backlog.dead_letters, "event"));
        say(true, "/unreadable", text);
    }
    with_queues(census, findings)
}

fn with_queues(census: &Census, mut findings: Vec<Finding>) -> Vec<Finding> {
    for queue in &census.queues {
        findings.extend(of_queue(queue));
    }
    findings.sort_by_key(|finding| !finding.is_bad);
    findings
}

fn of_queue(queue: &QueueCensus) -> Vec<Finding> {
    let (name, jobs) = (queue.name, &queue.jobs);
    let link = |state: &str| format!("/jobs?queue={name}&state={state}");
    let mut findings = Vec::new();
    let mut say = |is_bad, link, text| findings.push(Finding { text, is_bad, link });
    if let Some(pause) = &queue.paused {
        let waiting = match jobs.waiting {
            0 => "nothing waits".to_owned(),
            1 => "1 job waits".to_owned(),
            more => format!("{} wait", count(more, "job")),
        };
        say(false, "#queues".to_owned(), format!("{name} is paused by {}: {waiting}.", pause.by));
    } else if let Some(age) = jobs.oldest_waiting_s.filter(|age| *age > STUCK_S) {
        let what = count(jobs.waiting, "job");
        let verb = if jobs.waiting == 1 { "waits" } else { "wait" };
        let text = format!("{name} is stuck: {what} {verb}, the oldest for {}.", span(age));
        say(true, link("waiting"), text);
    }
    let lately = &queue.hour.minutes[queue.hour.minutes.len() - LATELY..];
    let failed: i64 = lately.iter().map(|minute| minute.failed + minute.dead).sum();
    let all = failed + lately.iter().map(|minute| minute.done).sum::<i64>();
    if failed >= FEW && failed as f64 >= all as f64 * FAILING {
        let text = format!(
            "{name} fails: {failed} of {} in the last {LATELY} minutes.",
            count(all, "attempt")
        );
        say(true, link("scheduled"), text);
    }
    if jobs.dead > 0 {
        let verb = if jobs.dead == 1 { "was" } else { "were" };
        let text = format!("{name}: {} {verb} given up.", count(jobs.dead, "job"));
        say(true, link("dead"), text);
    }
    findings
}

/// All of it in one sentence.
#[must_use]
pub fn sentence(findings: &[Finding]) -> String {
    match findings.iter().filter(|finding| finding.is_bad).count() {
        0 if findings.is_empty() => "All is well: nothing is stuck, nothing fails.".to_owned(),
        0 => "All is well, but for what somebody has paused.".to_owned(),
        1 => "One thing needs somebody.".to_owned(),
        more => format!("{more} things need somebody."),
    }
}
