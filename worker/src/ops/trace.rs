//! The history of a request, trace, event, email, account or job: its events, their jobs and emails.

use keyward_core::{
    App,
    domain::{EventId, MailId, UserId},
};
use ulid::Ulid;
use uuid::Uuid;

use super::store::{
    attempts::{self, FailedAttempt},
    history::{self, EventHistory, LedgerEmail, LookupKey},
};
use crate::{
    jobs::QUEUES,
    queue::{
        job_record::{self, JobRecord},
        state::JobState,
    },
};

/// Most events and emails of one answer.
const LIMIT: i64 = 50;

/// The latest events that a page searches for a trace: a tenth of a second on a busy machine.
pub const RECENT: i64 = 50_000;

/// What belongs to an id.
#[derive(Debug, Clone, Default)]
pub struct TraceResult {
    /// Events, the latest first.
    pub events: Vec<EventHistory>,
    /// Their jobs, the latest first.
    pub jobs: Vec<JobRecord>,
    /// Their emails, the latest first; for an account all emails to it.
    pub emails: Vec<LedgerEmail>,
    /// The account, if the id names one.
    pub user: Option<UserId>,
}

/// The history of one job.
#[derive(Debug, Clone)]
pub struct JobHistory {
    /// The job.
    pub job: JobRecord,
    /// Its failed attempts, the first one first.
    pub attempts: Vec<FailedAttempt>,
    /// The event that caused it; `None` if the outbox has deleted it.
    pub event: Option<EventHistory>,
    /// The other jobs of the event.
    pub siblings: Vec<JobRecord>,
    /// The email that it sends.
    pub email: Option<LedgerEmail>,
}

/// The id in a query: of a `Message-ID` the part before the domain, of a `traceparent` the trace.
#[must_use]
pub fn id_in(query: &str) -> &str {
    let query = query.trim().trim_start_matches('<').trim_end_matches('>');
    match query.split_once('@') {
        Some((id, _)) if id.parse::<Uuid>().is_ok() => id,
        _ => match query.split('-').collect::<Vec<_>>()[..] {
            ["00", trace, span, flags] if is_trace(trace) && span.len() + flags.len() == 18 => {
                trace
            }
            _ => query,
        },
    }
}

/// Whether this has the form of a trace id (W3C Trace Context).
pub(super) fn is_trace(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether this has the form of an id of ours, and is no words of an error.
pub(super) fn is_id(query: &str) -> bool {
    let id = id_in(query);
    id.parse::<Uuid>().is_ok() || Ulid::from_string(id).is_ok()
}

/// Finds what belongs to the id of a request, trace, event, email, account or job. No index knows
/// traces: `recent` is the number of the latest events that are searched for one.
///
/// # Errors
///
/// If Postgres is unreachable.
pub async fn find(app: &App, query: &str, recent: i64) -> anyhow::Result<TraceResult> {
    let id = id_in(query);
    if let Some(job) = job_record::get(&app.read, &id.to_uppercase()).await? {
        return match job.event_id() {
            Some(event_id) => of_events(app, &LookupKey::Event(event_id)).await,
            None => Ok(TraceResult { jobs: vec![job], ..TraceResult::default() }),
        };
    }
    let mut keys = vec![LookupKey::Request(id.to_owned())];
    if let Ok(id) = id.parse() {
        keys.insert(0, LookupKey::Event(EventId(id)));
        // The email comes last: an event that contains the id counts as the one that planned it.
        keys.extend([LookupKey::User(UserId(id)), LookupKey::Mail(MailId(id))]);
    }
    if is_trace(id) {
        keys.push(LookupKey::Trace(id.to_lowercase(), recent));
    }
    let mut found = TraceResult::default();
    for key in keys {
        found = of_events(app, &key).await?;
        if !found.is_empty() {
            break;
        }
    }
    Ok(found)
}

async fn of_events(app: &App, key: &LookupKey) -> anyhow::Result<TraceResult> {
    let mut sql = app.read.acquire().await?;
    let events = history::find(&mut sql, key, LIMIT).await?;
    let mut mail_ids: Vec<MailId> = events.iter().flat_map(EventHistory::emails).collect();
    let mut ids: Vec<Uuid> = events.iter().map(|event| event.event_id.0).collect();
    let mut user = None;
    match key {
        LookupKey::User(id) => user = Some(*id),
        LookupKey::Mail(id) => mail_ids.push(*id),
        // The outbox may have deleted the event before the queue deletes its jobs.
        LookupKey::Event(id) if ids.is_empty() => ids.push(id.0),
        LookupKey::Event(_) | LookupKey::Request(_) | LookupKey::Trace(..) => {}
    }
    let emails = history::emails(&mut sql, &mail_ids, user, LIMIT).await?;
    drop(sql);
    let deliveries: Vec<Uuid> = events.iter().flat_map(|event| event.deliveries.clone()).collect();
    let queues = QUEUES.map(|(queue, _)| queue);
    let jobs = job_record::of_events(&app.read, &ids, &deliveries, &queues).await?;
    Ok(TraceResult { events, jobs, emails, user })
}

/// The history of one job; `None` if there is no such job.
///
/// # Errors
///
/// If Postgres is unreachable.
pub async fn job(app: &App, id: &str) -> anyhow::Result<Option<JobHistory>> {
    let Some(job) = job_record::get(&app.read, id).await? else { return Ok(None) };
    let found = match job.event_id() {
        Some(id) => of_events(app, &LookupKey::Event(id)).await?,
        None => TraceResult::default(),
    };
    let mut sql = app.read.acquire().await?;
    let attempts = attempts::of_job(&mut sql, id).await?;
    let mail_ids: Vec<MailId> = job.mail_id().into_iter().collect();
    let email = history::emails(&mut sql, &mail_ids, None, 1).await?.pop();
    let siblings = found.jobs.into_iter().filter(|other| other.id != job.id).collect();
    let event = found.events.into_iter().next();
    Ok(Some(JobHistory { job, attempts, event, siblings, email }))
}

impl TraceResult {
    /// Whether what it shows is about to change.
    pub(super) fn is_in_progress(&self) -> bool {
        self.jobs.iter().any(JobRecord::is_in_progress)
    }

    /// The jobs of one of its events.
    pub(super) fn jobs_of(&self, event: &EventHistory) -> Vec<&JobRecord> {
        self.jobs.iter().filter(|job| job.event_id() == Some(event.event_id)).collect()
    }

    /// Jobs whose event the outbox has deleted.
    pub(super) fn jobs_without_event(&self) -> Vec<&JobRecord> {
        let is_known = |id| self.events.iter().any(|event| Some(event.event_id) == id);
        self.jobs.iter().filter(|job| !is_known(job.event_id())).collect()
    }

    /// Whether one of the jobs of an event is dead.
    pub(super) fn has_failed(&self, event: &EventHistory) -> bool {
        self.jobs_of(event).iter().any(|job| job.state == JobState::Dead)
    }

    /// Whether nothing has this id.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.jobs.is_empty() && self.emails.is_empty()
    }

    /// The job that sends an email.
    #[must_use]
    pub fn job_of(&self, email: &LedgerEmail) -> Option<&JobRecord> {
        self.jobs.iter().find(|job| job.mail_id() == Some(email.mail_id))
    }
}

#[cfg(test)]
mod tests {
    use super::id_in;

    #[test]
    fn id_is_found_in_message_ids_and_headers() {
        let id = "019a9f0e-7b2c-7d10-a7a1-0242ac120002";
        assert_eq!(id_in(&format!(" <{id}@keyward.example>\n")), id);
        assert_eq!(id_in("my-request:7"), "my-request:7");
        let trace = "0af7651916cd43dd8448eb211c80319c";
        assert_eq!(id_in(&format!("00-{trace}-b7ad6b7169203331-01")), trace);
        assert_eq!(id_in("00-4711-b7ad6b7169203331-01"), "00-4711-b7ad6b7169203331-01");
        assert_eq!(id_in("ada@example.org"), "ada@example.org");
    }
}
