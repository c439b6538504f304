//! Unreadable events: each stays with its reason until an operator retries or discards it.

use anyhow::Context as _;
use keyward_core::{App, events::Envelope, pipeline::dead_letters};
use uuid::Uuid;

pub use keyward_core::pipeline::dead_letters::DeadLetter;

use super::actions::Actor;
use crate::pipeline::consumer::take_effect;

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

/// Reads an event again and inserts its jobs, unless it was received before.
///
/// # Errors
///
/// If the event is still unreadable, there is none with this id, or Postgres is unreachable. The event
/// then stays.
pub async fn retry(app: &App, actor: &Actor, id: &str) -> anyhow::Result<()> {
    let letter = get(app, id).await?;
    let run = async {
        let event: Envelope = serde_json::from_slice(&letter.payload)
            .context("this version of Keyward cannot read it either")?;
        let mut tx = app.write.begin().await?;
        take_effect(&mut tx, vec![event], app.clock.now()).await?;
        let is_removed = dead_letters::remove(&mut tx, letter.id).await?;
        tx.commit().await?;
        Ok(i64::from(is_removed))
    };
    actor.audited(app, "retry", &format!("unreadable event {id}"), run).await.map(drop)
}

/// Deletes an unreadable event.
///
/// # Errors
///
/// If there is none with this id, or Postgres is unreachable.
pub async fn discard(app: &App, actor: &Actor, id: &str) -> anyhow::Result<()> {
    let letter = get(app, id).await?;
    let run = async {
        let mut sql = app.write.acquire().await?;
        Ok(i64::from(dead_letters::remove(&mut sql, letter.id).await?))
    };
    actor.audited(app, "discard", &format!("unreadable event {id}"), run).await.map(drop)
}
