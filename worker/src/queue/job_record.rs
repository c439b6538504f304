//! A job as its row says.

use chrono::{DateTime, Utc};
use keyward_core::{
    domain::{EventId, MailId},
    infra::postgres::Pool,
};
use serde_json::Value;
use ulid::Ulid;
use uuid::Uuid;

use super::state::{JobState, sql};

/// A job as its row says.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct JobRecord {
    /// Its identity: a ULID, sortable by the time of its insertion.
    pub id: String,
    /// The queue that executes it.
    #[sqlx(rename = "job_type")]
    pub queue: String,
    /// Its kind.
    pub kind: String,
    /// Its state.
    pub state: JobState,
    /// Attempts so far.
    pub attempts: i32,
    /// Attempts in total.
    pub max_attempts: i32,
    /// When its next attempt is due, or its last attempt was.
    #[sqlx(rename = "run_at")]
    pub due_at: DateTime<Utc>,
    /// When a worker took it last.
    #[sqlx(rename = "lock_at")]
    pub taken_at: Option<DateTime<Utc>>,
    /// The worker loop that took it.
    #[sqlx(rename = "lock_by")]
    pub taken_by: Option<String>,
    /// When its last attempt ended.
    #[sqlx(rename = "done_at")]
    pub ended_at: Option<DateTime<Utc>>,
    /// Why its last attempt failed.
    pub last_error: Option<String>,
    /// Its envelope: ids, never a secret. Null if unreadable.
    #[sqlx(rename = "job", try_from = "Payload")]
    pub payload: Value,
}

/// Where a page of jobs ends: the time by which it is sorted, and the id of its last job.
pub type Position = (DateTime<Utc>, String);

/// The columns of a [`JobRecord`].
macro_rules! columns {
    () => {
        concat!(
            "id, job_type, ",
            sql!(kind),
            " as kind, attempts, max_attempts, run_at, lock_at, lock_by, done_at, job,
             case when ",
            sql!(completed),
            " then 'completed' when ",
            sql!(running),
            " then 'running' when ",
            sql!(discarded),
            " then 'discarded' when ",
            sql!(dead),
            " then 'dead' when run_at > now() then 'scheduled' else 'available' end as state,
             case when status <> 'Done' then coalesce(metadata -> 'last_error', last_result ->> 'Err')
                  end as last_error"
        )
    };
}
pub(super) use columns;

/// The column `job`.
#[derive(sqlx::Type)]
#[sqlx(transparent)]
struct Payload(Vec<u8>);

impl From<Payload> for Value {
    fn from(Payload(json): Payload) -> Self {
        serde_json::from_slice(&json).unwrap_or_default()
    }
}

impl JobRecord {
    /// Its position in the list of its state.
    #[must_use]
    pub fn position(&self) -> Position {
        let at = match self.state {
            JobState::Available | JobState::Scheduled => Some(self.due_at),
            JobState::Running => self.taken_at,
            JobState::Dead | JobState::Completed | JobState::Discarded => self.ended_at,
        };
        (at.unwrap_or(self.due_at), self.id.clone())
    }

    /// Whether its state is about to change.
    #[must_use]
    pub fn is_in_progress(&self) -> bool {
        matches!(self.state, JobState::Available | JobState::Running)
    }

    /// When it was inserted.
    #[must_use]
    pub fn inserted_at(&self) -> Option<DateTime<Utc>> {
        let ms = Ulid::from_string(&self.id).ok()?.timestamp_ms();
        DateTime::from_timestamp_millis(ms.try_into().ok()?)
    }

    /// The event that caused it.
    #[must_use]
    pub fn event_id(&self) -> Option<EventId> {
        self.payload["event_id"].as_str()?.parse().ok().map(EventId)
    }

    /// The email that it sends.
    #[must_use]
    pub fn mail_id(&self) -> Option<MailId> {
        mail_id(&self.payload)
    }
}

/// The email that the job in an envelope sends.
pub(crate) fn mail_id(payload: &Value) -> Option<MailId> {
    payload["job"]["mail_id"].as_str()?.parse().ok().map(MailId)
}

/// One job, in any state.
pub(crate) async fn get(pool: &Pool, id: &str) -> sqlx::Result<Option<JobRecord>> {
    sqlx::query_as(concat!("select ", columns!(), " from apalis.jobs where id = $1"))
        .bind(id)
        .fetch_optional(pool)
        .await
}

/// The jobs of events, replayed ones included, and of webhook deliveries; the latest first.
pub(crate) async fn of_events(
    pool: &Pool,
    events: &[Uuid],
    deliveries: &[Uuid],
    queues: &[&str],
) -> sqlx::Result<Vec<JobRecord>> {
    // The key of a job starts with its event. The range makes that an index scan in any collation; one
    // scan per event keeps Postgres from taking the range for half of the table.
    sqlx::query_as(concat!(
        "select job.* from unnest($3::text[]) as queue (name)
              cross join unnest($1::text[]) as event (event_id)
              cross join lateral (
                  select ",
        columns!(),
        " from apalis.jobs
                  where job_type = name and idempotency_key >= event_id
                        and idempotency_key <= event_id || 'zzz'
                        and starts_with(idempotency_key, event_id || '/')
                  order by job_type, idempotency_key limit 50) as job
         union all
         select job.* from unnest($3::text[]) as queue (name)
              cross join unnest($2::text[]) as delivery (key)
              cross join lateral (
                  select ",
        columns!(),
        " from apalis.jobs where job_type = name and idempotency_key = key limit 1) as job
         order by id desc limit 500",
    ))
    .bind(events.iter().map(Uuid::to_string).collect::<Vec<_>>())
    .bind(deliveries.iter().map(Uuid::to_string).collect::<Vec<_>>())
    .bind(queues)
    .fetch_all(pool)
    .await
}
