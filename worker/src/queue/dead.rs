//! Jobs that were given up. Their rows stay until somebody has decided what becomes of them.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};

/// A job that was given up.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct DeadJob {
    pub(crate) id: String,
    pub(crate) queue: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) attempts: i32,
    pub(crate) died_at: Option<DateTime<Utc>>,
    pub(crate) first_error: Option<String>,
    pub(crate) first_failed_at: Option<DateTime<Utc>>,
    pub(crate) last_error: Option<String>,
}

impl DeadJob {
    /// What the job was told to do; null if that is no JSON.
    pub(crate) fn ticket(&self) -> Value {
        serde_json::from_slice(&self.payload).unwrap_or_default()
    }
}

/// What makes a job dead: given up, or failed as often as it may; and not dropped.
macro_rules! dead_where {
    ($rest:literal) => {
        concat!(
            "select id, job_type as queue, job as payload, attempts, done_at as died_at,
                    metadata -> 'first_error' as first_error,
                    (metadata -> 'first_failed_at')::timestamptz as first_failed_at,
                    coalesce(metadata -> 'last_error', last_result ->> 'Err') as last_error
             from apalis.jobs
             where (status = 'Killed' or (status = 'Failed' and attempts >= max_attempts))
                   and not coalesce(metadata ? 'dropped_at', false) and ",
            $rest
        )
    };
}

/// All of them, the latest first; of one queue, if one is named.
pub(crate) async fn list(
    pool: &PgPool,
    queue: Option<&str>,
    limit: i64,
) -> sqlx::Result<Vec<DeadJob>> {
    let statement =
        dead_where!("($1::text is null or job_type = $1) order by done_at desc, id limit $2");
    sqlx::query_as(statement).bind(queue).bind(limit).fetch_all(pool).await
}

/// One of them.
pub(crate) async fn get(pool: &PgPool, id: &str) -> sqlx::Result<Option<DeadJob>> {
    sqlx::query_as(dead_where!("id = $1")).bind(id).fetch_optional(pool).await
}

/// Puts one back into its queue, as if it had never been tried; its first error stays known.
#[expect(clippy::disallowed_methods, reason = "apalis' table is not in our prepared schema")]
pub(crate) async fn revive(sql: &mut PgConnection, id: &str) -> sqlx::Result<()> {
    sqlx::query(
        "with job as (
             update apalis.jobs
             set status = 'Pending', attempts = 0, run_at = now(), done_at = null, lock_by = null,
                 lock_at = null
             where id = $1 and status in ('Killed', 'Failed')
             returning id, job_type, run_at)
         select pg_notify('apalis::job::insert', row_to_json(told)::text)
         from (select id, job_type, run_at from job) as told",
    )
    .bind(id)
    .execute(sql)
    .await
    .map(drop)
}

/// Lets one rest. It stays known for a while, so that nobody misses it.
#[expect(clippy::disallowed_methods, reason = "apalis' table is not in our prepared schema")]
pub(crate) async fn let_rest(pool: &PgPool, id: &str) -> sqlx::Result<()> {
    sqlx::query(
        "update apalis.jobs
         set status = 'Killed',
             metadata = coalesce(metadata, '') || hstore('dropped_at', now()::text)
         where id = $1",
    )
    .bind(id)
    .execute(pool)
    .await
    .map(drop)
}
