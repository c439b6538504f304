//! Table `operator_actions`: the audit log of what operators did to queues, jobs and events.

use chrono::{DateTime, Utc};
use keyward_core::{Result, domain::EventId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// An action of an operator.
#[derive(Debug, Clone)]
pub struct ActionRecord {
    /// Its identity; sortable by time.
    pub id: Uuid,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// The operator.
    pub operator: String,
    /// `board` or `command line`.
    pub via: String,
    /// What the operator did.
    pub action: String,
    /// A job, a queue, an event, or the filter of many jobs.
    pub target: String,
    /// How many jobs or events it has changed so far.
    pub affected: i64,
    /// When it ended. Stays empty if it was interrupted.
    pub ended_at: Option<DateTime<Utc>>,
    /// Whether it has reported progress within the last 30 seconds and has not ended.
    pub is_running: bool,
}

/// Records the start of an action, so that an interrupted one is known too.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable. The action must not start then.
pub async fn start(
    pool: &PgPool,
    operator: &str,
    via: &str,
    action: &str,
    target: &str,
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    sqlx::query!(
        "insert into operator_actions (action_id, operator, via, action, target)
         values ($1, $2, $3, $4, $5)",
        id,
        operator,
        via,
        action,
        target,
    )
    .execute(pool)
    .await?;
    Ok(id)
}

/// Adds to the number of changed jobs; with `is_end` the action has ended.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable.
pub async fn count(sql: &mut PgConnection, id: Uuid, more: i64, is_end: bool) -> Result<()> {
    sqlx::query!(
        "update operator_actions
         set affected = affected + $2, counted_at = now(), ended_at = case when $3 then now() end
         where action_id = $1",
        id,
        more,
        is_end,
    )
    .execute(sql)
    .await?;
    Ok(())
}

/// Up to `limit` actions before `before`, the latest first.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable.
pub async fn list(pool: &PgPool, before: Option<Uuid>, limit: i64) -> Result<Vec<ActionRecord>> {
    Ok(sqlx::query_as!(
        ActionRecord,
        r#"select action_id as id, started_at as "started_at!", operator, via, action, target,
                  affected, ended_at,
                  ended_at is null and coalesce(counted_at, started_at) > now() - interval '30 s'
                      as "is_running!"
           from operator_actions where $1::uuid is null or action_id < $1
           order by action_id desc limit $2"#,
        before,
        limit,
    )
    .fetch_all(pool)
    .await?)
}

/// Deletes up to `limit` actions that started earlier. Returns their number.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable.
pub async fn prune(pool: &PgPool, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    let done = sqlx::query!(
        "delete from operator_actions where action_id = any(array(
             select action_id from operator_actions where action_id < $1
             order by action_id limit $2))",
        EventId::first_at(before).0,
        limit,
    );
    Ok(done.execute(pool).await?.rows_affected())
}
