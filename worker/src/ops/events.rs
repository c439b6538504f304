//! Unreadable events: each stays with its reason until an operator discards it.

use anyhow::Context as _;
use keyward_core::{App, pipeline::dead_letters};
use uuid::Uuid;

pub use keyward_core::pipeline::dead_letters::DeadLetter;

use super::actions::ActingOperator;

/// Up to `limit` unreadable events before `before`, the latest first.
///
/// # Errors
///
/// If Postgres is unreachable.
pub async fn list(app: &App, before: Option<Uuid>, limit: i64) -> anyhow::Result<Vec<DeadLetter>> {
    let mut sql = app.read.acquire().await?;
    Ok(dead_letters::list(&mut sql, before, limit).await?)
}

/// One unreadable event.
///
/// # Errors
///
/// If there is none with this id, or Postgres is unreachable.
pub async fn get(app: &App, id: &str) -> anyhow::Result<DeadLetter> {
    let mut sql = app.read.acquire().await?;
    let event = match id.parse() {
        Ok(id) => dead_letters::get(&mut sql, id).await?,
        Err(_) => None,
    };
    event.with_context(|| format!("there is no unreadable event {id}"))
}

/// Deletes one unreadable event.
///
/// # Errors
///
/// If there is none with this id, or Postgres is unreachable.
pub async fn discard(app: &App, actor: &ActingOperator, id: &str) -> anyhow::Result<()> {
    let event = get(app, id).await?;
    let run = async {
        let mut sql = app.write.acquire().await?;
        Ok(i64::from(dead_letters::remove(&mut sql, event.id).await?))
    };
    actor.audited(app, "discard", &format!("unreadable event {id}"), run).await.map(drop)
}
