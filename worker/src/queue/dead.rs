//! Jobs that were given up. Their rows stay until somebody has decided what becomes of them.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use super::states::dead;

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

/// Of jobs that are dead.
macro_rules! dead_where {
    ($rest:literal) => {
        concat!(
            "select id, job_type as queue, job as payload, attempts, done_at as died_at,
                    metadata -> 'first_error' as first_error,
                    (metadata -> 'first_failed_at')::timestamptz as first_failed_at,
                    coalesce(metadata -> 'last_error', last_result ->> 'Err') as last_error
             from apalis.jobs where ",
            dead!(),
            " and ",
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
