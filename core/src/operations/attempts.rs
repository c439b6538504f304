//! Table `job_attempts`: attempts that failed. The queue writes it, with its own row.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::Result;

/// An attempt that failed.
#[derive(Debug, Clone)]
pub struct FailedAttempt {
    /// Its number, from 1 on; a job that is retried by a person begins anew.
    pub attempt: i32,
    /// When it failed.
    pub failed_at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub run_ms: i32,
    /// Why.
    pub error: String,
}

/// Why attempts of a queue failed.
#[derive(Debug, Clone)]
pub struct Reason {
    /// The queue.
    pub queue: String,
    /// The error, without what differs from one time to the next.
    pub class: String,
    /// How often within the last hour.
    pub count: i64,
    /// When it was seen last.
    pub last_at: DateTime<Utc>,
}

/// Those of a job, the first one first; the latest hundred.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
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
/// [`crate::Error::Unavailable`] if the database is away.
pub async fn reasons(sql: &mut PgConnection) -> Result<Vec<Reason>> {
    Ok(sqlx::query_as!(
        Reason,
        r#"select queue, error_class as class, count(*) as "count!", max(failed_at) as "last_at!"
           from job_attempts where failed_at > now() - interval '1 hour'
           group by queue, error_class order by 3 desc, 4 desc limit 10"#,
    )
    .fetch_all(sql)
    .await?)
}
