//! Table `job_attempts`: failed attempts. `queue` inserts them together with the row of the job.

use chrono::{DateTime, Utc};
use keyward_core::Result;
use sqlx::PgConnection;

/// A failed attempt.
#[derive(Debug, Clone)]
pub struct FailedAttempt {
    /// Its number, from 1. Starts at 1 again when an operator retries the job.
    pub attempt: i32,
    /// When it failed.
    pub failed_at: DateTime<Utc>,
    /// Its duration in milliseconds.
    pub run_ms: i32,
    /// Why it failed.
    pub error: String,
}

/// Failed attempts of one kind with the same cause.
#[derive(Debug, Clone)]
pub struct FailureReason {
    /// The kind of job.
    pub kind: String,
    /// The error without ids and numbers.
    pub class: String,
    /// Failed attempts within the last hour.
    pub count: i64,
    /// When the latest one failed.
    pub last_at: DateTime<Utc>,
}

impl FailureReason {
    /// The longest part of the error between its ids and numbers: finds the jobs that have it.
    #[must_use]
    pub fn search_words(&self) -> &str {
        self.class.split('#').max_by_key(|part| part.len()).unwrap_or_default().trim()
    }
}

/// The latest hundred failed attempts of a job, oldest first.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable.
pub async fn of_job(sql: &mut PgConnection, job_id: &str) -> Result<Vec<FailedAttempt>> {
    let mut latest = sqlx::query_as!(
        FailedAttempt,
        "select attempt, failed_at, run_ms, error from job_attempts
         where job_id = $1 order by position desc limit 100",
        job_id,
    )
    .fetch_all(sql)
    .await?;
    latest.reverse();
    Ok(latest)
}

/// The ten most frequent reasons of the last hour.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable.
pub async fn reasons(sql: &mut PgConnection) -> Result<Vec<FailureReason>> {
    Ok(sqlx::query_as!(
        FailureReason,
        r#"select kind, error_class as class, count(*) as "count!", max(failed_at) as "last_at!"
           from job_attempts where failed_at > now() - interval '1 hour'
           group by kind, error_class order by 3 desc, 4 desc limit 10"#,
    )
    .fetch_all(sql)
    .await?)
}
