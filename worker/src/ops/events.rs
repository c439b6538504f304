//! Unreadable events: each stays with its reason until an operator retries or discards it.

use anyhow::Context as _;
use keyward_core::{App, events::Envelope, pipeline::dead_letters};
use serde::Deserialize;
use uuid::Uuid;

pub use keyward_core::pipeline::dead_letters::DeadLetter;

use super::actions::ActingOperator;
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

/// An action on an unreadable event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventAction {
    /// Reads the event again and inserts its jobs, unless it was received before.
    Retry,
    /// Deletes the event.
    Discard,
}

/// Runs an action on one event.
///
/// # Errors
///
/// If there is no such event, a retried one is still unreadable, or Postgres is unreachable. The event
/// then stays.
pub async fn act(
    app: &App,
    actor: &ActingOperator,
    action: EventAction,
    id: &str,
) -> anyhow::Result<()> {
    let event = get(app, id).await?;
    let run = async {
        let mut tx = app.write.begin().await?;
        if action == EventAction::Retry {
            let envelope: Envelope = serde_json::from_slice(&event.payload)
                .context("this version of Keyward cannot read it either")?;
            take_effect(&mut tx, vec![envelope], app.clock.now()).await?;
        }
        let is_removed = dead_letters::remove(&mut tx, event.id).await?;
        tx.commit().await?;
        Ok(i64::from(is_removed))
    };
    let name = match action {
        EventAction::Retry => "retry",
        EventAction::Discard => "discard",
    };
    actor.audited(app, name, &format!("unreadable event {id}"), run).await.map(drop)
}
