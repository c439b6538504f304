//! Table `queue_pauses`: queues in which no attempt begins.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

use crate::Result;

/// A pause of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// The queue.
    pub queue: String,
    /// Who paused it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// All of them.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
pub async fn list(pool: &PgPool) -> Result<Vec<Pause>> {
    Ok(sqlx::query_as!(
        Pause,
        r#"select queue, paused_by as "by!", paused_at as "at!" from queue_pauses"#,
    )
    .fetch_all(pool)
    .await?)
}

/// Pauses a queue; whether it was not paused before.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
pub async fn pause(sql: &mut PgConnection, queue: &str, by: &str) -> Result<bool> {
    let done = sqlx::query!(
        "insert into queue_pauses (queue, paused_by) values ($1, $2) on conflict do nothing",
        queue,
        by,
    )
    .execute(sql)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Resumes a queue; whether it was paused.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
pub async fn resume(sql: &mut PgConnection, queue: &str) -> Result<bool> {
    let done =
        sqlx::query!("delete from queue_pauses where queue = $1", queue).execute(sql).await?;
    Ok(done.rows_affected() == 1)
}
