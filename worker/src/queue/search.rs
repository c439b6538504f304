//! Jobs as people look for them.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgPool, postgres::PgRow};
use uuid::Uuid;

use super::states::{State, dead, open, running, with_words};

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its identity (ULID: sortable by the time it was put in).
    pub id: String,
    /// Its queue.
    pub queue: String,
    /// Where it has come to.
    pub state: State,
    /// Attempts so far.
    pub attempts: i32,
    /// Attempts it may have.
    pub max_attempts: i32,
    /// When its next attempt is due, or its last one was.
    pub due_at: DateTime<Utc>,
    /// When a worker took it last.
    pub taken_at: Option<DateTime<Utc>>,
    /// The worker's loop that took it.
    pub taken_by: Option<String>,
    /// When its last attempt ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it failed last.
    pub last_error: Option<String>,
    /// What it was told to do: ids, never a secret. Null if it cannot be read.
    pub ticket: Value,
}

/// Which jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Of these queues.
    pub queues: Vec<String>,
    /// In this state.
    pub state: State,
    /// Whose last error has these words in it, in any case.
    pub error: Option<String>,
}

/// Where a page ends: when, and the job's id.
pub type Place = (DateTime<Utc>, String);

/// The columns of a [`Job`].
macro_rules! columns {
    () => {
        "id, job_type, status, attempts, max_attempts, run_at, run_at > now() as is_later, lock_at,
         lock_by, done_at, job, coalesce(metadata ? 'dropped_at', false) as is_dropped,
         coalesce(metadata -> 'last_error', last_result ->> 'Err') as last_error"
    };
}
pub(super) use columns;

impl sqlx::FromRow<'_, PgRow> for Job {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        use sqlx::Row as _;

        let (attempts, max_attempts) = (row.try_get("attempts")?, row.try_get("max_attempts")?);
        let is_last: bool = attempts >= max_attempts;
        let is_dropped: bool = row.try_get("is_dropped")?;
        let is_later: bool = row.try_get("is_later")?;
        let state = match row.try_get("status")? {
            "Done" => State::Done,
            "Queued" | "Running" => State::Running,
            "Killed" if is_dropped => State::Dropped,
            "Killed" => State::Dead,
            "Failed" if is_last => State::Dead,
            _ if is_later => State::Scheduled,
            _ => State::Waiting,
        };
        Ok(Self {
            id: row.try_get("id")?,
            queue: row.try_get("job_type")?,
            state,
            attempts,
            max_attempts,
            due_at: row.try_get("run_at")?,
            taken_at: row.try_get("lock_at")?,
            taken_by: row.try_get("lock_by")?,
            ended_at: row.try_get("done_at")?,
            last_error: row
                .try_get::<Option<String>, _>("last_error")?
                .filter(|_| state != State::Done),
            ticket: serde_json::from_slice(row.try_get("job")?).unwrap_or_default(),
        })
    }
}

impl Job {
    /// When it is shown in the list of its state: what the list is sorted by.
    #[must_use]
    pub fn place(&self) -> Place {
        let at = match self.state {
            State::Waiting | State::Scheduled => Some(self.due_at),
            State::Running => self.taken_at,
            State::Dead | State::Done | State::Dropped => self.ended_at,
        };
        (at.unwrap_or(self.due_at), self.id.clone())
    }

    /// Whether its state is about to change.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        matches!(self.state, State::Waiting | State::Running)
    }

    /// When it was put in; an ULID begins with it.
    #[must_use]
    pub fn made_at(&self) -> Option<DateTime<Utc>> {
        const CROCKFORD: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let digits = self.id.as_bytes().get(..10)?;
        let ms = digits.iter().try_fold(0_i64, |ms, digit| {
            let value = CROCKFORD.iter().position(|known| known == digit)?;
            Some(ms * 32 + i64::try_from(value).ok()?)
        })?;
        DateTime::from_timestamp_millis(ms)
    }
}

/// How many there are. Walks over all of them: for what is asked once, before something is done.
pub(crate) async fn count(pool: &PgPool, filter: &Filter) -> sqlx::Result<i64> {
    macro_rules! count {
        ($condition:expr) => {
            concat!(
                "select count(*) from apalis.jobs
                 where job_type = any($1) and ",
                $condition,
                "
                       and ($2::text is null or ",
                with_words!("$2"),
                ")"
            )
        };
    }
    let statement = match filter.state {
        State::Waiting => count!(concat!(open!(), " and run_at <= now()")),
        State::Scheduled => count!(concat!(open!(), " and run_at > now()")),
        State::Running => count!(running!()),
        State::Done => count!("status = 'Done'"),
        State::Dead | State::Dropped => count!(dead!()),
    };
    sqlx::query_scalar(statement)
        .bind(&filter.queues)
        .bind(filter.error.as_deref().map(anywhere))
        .fetch_one(pool)
        .await
}

/// One of them, whatever its state is.
pub(crate) async fn get(pool: &PgPool, id: &str) -> sqlx::Result<Option<Job>> {
    sqlx::query_as(concat!("select ", columns!(), " from apalis.jobs where id = $1"))
        .bind(id)
        .fetch_optional(pool)
        .await
}

/// The jobs of some events, also those of replays, and of deliveries to webhooks; the latest first.
pub(crate) async fn of_events(
    pool: &PgPool,
    events: &[Uuid],
    deliveries: &[Uuid],
    queues: &[&str],
) -> sqlx::Result<Vec<Job>> {
    // A job's key begins with its event: a range, however a database sorts what comes after it. Each
    // is looked up by itself, so that nobody takes the range for half of the table.
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

/// A pattern for `ilike` that finds the words anywhere, whatever characters are in them.
pub(super) fn anywhere(words: &str) -> String {
    let escaped = words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_wildcards_in_them_mean_themselves() {
        assert_eq!(anywhere(r"50%_\"), r"%50\%\_\\%");
    }
}
