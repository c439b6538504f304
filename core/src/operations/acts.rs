//! Table `operator_acts`: who did what to queues and jobs.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::Result;

/// Something that a person did.
#[derive(Debug, Clone)]
pub struct Act {
    /// Its identity; sortable by time.
    pub id: Uuid,
    /// When it began.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub operator: String,
    /// Where: `board` or `command line`.
    pub via: String,
    /// What.
    pub act: String,
    /// To what: one job, one queue, or the filter of many.
    pub target: String,
    /// To how many.
    pub affected: i64,
    /// When it was done; nothing while it goes on, and for ever if it was interrupted.
    pub ended_at: Option<DateTime<Utc>>,
    /// Whether it has not ended, and said so within the last half minute.
    pub is_going_on: bool,
}

/// Writes down that something begins: so it is known even if it is interrupted.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away: then do not begin.
pub async fn begin(
    pool: &PgPool,
    operator: &str,
    via: &str,
    act: &str,
    target: &str,
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    sqlx::query!(
        "insert into operator_acts (act_id, operator, via, act, target) values ($1, $2, $3, $4, $5)",
        id,
        operator,
        via,
        act,
        target,
    )
    .execute(pool)
    .await?;
    Ok(id)
}

/// Adds to how many it was done, and notes whether that was all.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
pub async fn count(sql: &mut PgConnection, id: Uuid, more: i64, is_end: bool) -> Result<()> {
    sqlx::query!(
        "update operator_acts
         set affected = affected + $2, counted_at = now(), ended_at = case when $3 then now() end
         where act_id = $1",
        id,
        more,
        is_end,
    )
    .execute(sql)
    .await?;
    Ok(())
}

/// Up to `limit` of them, the latest first, from before one on.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
pub async fn list(pool: &PgPool, before: Option<Uuid>, limit: i64) -> Result<Vec<Act>> {
    Ok(sqlx::query_as!(
        Act,
        r#"select act_id as id, acted_at as "at!", operator, via, act, target, affected, ended_at,
                  ended_at is null and coalesce(counted_at, acted_at) > now() - interval '30 s'
                      as "is_going_on!"
           from operator_acts where $1::uuid is null or act_id < $1
           order by act_id desc limit $2"#,
        before,
        limit,
    )
    .fetch_all(pool)
    .await?)
}
