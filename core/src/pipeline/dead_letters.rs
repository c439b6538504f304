//! Messages of the stream that the worker could not read. An operator discards them.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Result, domain::EventId};

/// An unreadable message.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// Its id.
    pub id: Uuid,
    /// The event that its header names.
    pub event_id: Option<EventId>,
    /// The subject it was published to.
    pub subject: String,
    /// Its bytes.
    pub payload: Vec<u8>,
    /// Why it is unreadable.
    pub reason: String,
    /// When the worker received it.
    pub received_at: DateTime<Utc>,
}

/// Stores an unreadable message with the reason. A message that names its event is stored once,
/// however often it is delivered.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn keep(
    sql: &mut PgConnection,
    event: Option<EventId>,
    subject: &str,
    payload: &[u8],
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into dead_letters (dead_letter_id, event_id, subject, payload, reason, received_at)
         values ($1, $2, $3, $4, $5, $6) on conflict (event_id) where event_id is not null do nothing",
        Uuid::now_v7(),
        event.map(|event| event.0),
        subject,
        payload,
        // The reason may quote the message, and Postgres cannot store a NUL in a text.
        reason.replace('\0', "\u{fffd}"),
        now,
    )
    .execute(sql)
    .await?;
    Ok(())
}

/// Returns up to `limit` dead letters before `before`, the latest first.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn list(
    sql: &mut PgConnection,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<DeadLetter>> {
    select(sql, None, before, limit).await
}

/// Returns a dead letter.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn get(sql: &mut PgConnection, id: Uuid) -> Result<Option<DeadLetter>> {
    Ok(select(sql, Some(id), None, 1).await?.pop())
}

async fn select(
    sql: &mut PgConnection,
    id: Option<Uuid>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<DeadLetter>> {
    Ok(sqlx::query_as!(
        DeadLetter,
        r#"select dead_letter_id as id, event_id as "event_id: EventId", subject, payload, reason,
                  received_at
           from dead_letters
           where ($1::uuid is null or dead_letter_id = $1)
                 and ($2::uuid is null or dead_letter_id < $2)
           order by dead_letter_id desc limit $3"#,
        id,
        before,
        limit,
    )
    .fetch_all(sql)
    .await?)
}

/// Deletes a dead letter. Returns whether it existed.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn remove(sql: &mut PgConnection, id: Uuid) -> Result<bool> {
    let done =
        sqlx::query!("delete from dead_letters where dead_letter_id = $1", id).execute(sql).await?;
    Ok(done.rows_affected() == 1)
}
