//! Table `queue_pauses`: paused queues and kinds of jobs. Every worker reads it once a second.

use chrono::{DateTime, Utc};
use keyward_core::{Result, infra::postgres::Pool};
use sqlx::PgConnection;

/// A pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// The queue or kind.
    pub name: String,
    /// The operator who paused it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// All pauses.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable.
pub async fn list(pool: &Pool) -> Result<Vec<Pause>> {
    Ok(sqlx::query_as!(
        Pause,
        r#"select queue as name, paused_by as "by!", paused_at as "at!" from queue_pauses"#,
    )
    .fetch_all(pool)
    .await?)
}

/// Pauses a queue or kind. Returns false if it was paused already.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable.
pub async fn pause(sql: &mut PgConnection, name: &str, by: &str) -> Result<bool> {
    let result = sqlx::query!(
        "insert into queue_pauses (queue, paused_by) values ($1, $2) on conflict do nothing",
        name,
        by,
    )
    .execute(sql)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Resumes a queue or kind. Returns false if it was not paused.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable.
pub async fn resume(sql: &mut PgConnection, name: &str) -> Result<bool> {
    let result =
        sqlx::query!("delete from queue_pauses where queue = $1", name).execute(sql).await?;
    Ok(result.rows_affected() == 1)
}
