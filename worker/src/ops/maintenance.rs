//! Keeps tables small: deletes what is older than its life.
//!
//! One worker at a time does this. Its work does not grow with the tables: events disappear with the
//! partition of their day; other rows are deleted in small batches, found by an index, with a pause
//! after each batch.

use std::time::Duration;

use chrono::{DateTime, Utc};
use keyward_core::{
    App,
    commands::internal::{CollectBlobs, RemoveExpired},
    origin::Origin,
    pipeline::outbox::partitions,
};

use super::store::{actions, minutes};
use crate::queue;

/// How often old rows are deleted.
const INTERVAL: Duration = Duration::from_secs(600);
/// The maximum number of rows per statement.
const BATCH: i64 = 1_000;
/// The time that other statements have between two batches.
const PAUSE: Duration = Duration::from_millis(100);
/// The advisory lock of the worker that does this: "keyclean" in hexadecimal.
const LOCK: i64 = 0x6b65_7963_6c65_616e;

/// Deletes a batch of old rows of each table, unless another worker does. When none is left, changes the
/// partitions and deletes objects. Returns the delay until the next call.
///
/// # Errors
///
/// If Postgres or the blob store is unreachable. What was deleted before stays deleted.
pub async fn run(app: &App) -> anyhow::Result<Duration> {
    // Open, but without a snapshot: it keeps no old rows alive.
    let mut lock = app.write.begin().await?;
    let is_ours =
        sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "is_ours!""#, LOCK);
    if !is_ours.fetch_one(&mut *lock).await? {
        return Ok(INTERVAL);
    }
    let delay = clean(app).await?;
    // Free for the next call, whichever worker it comes from.
    lock.commit().await?;
    Ok(delay)
}

async fn clean(app: &App) -> anyhow::Result<Duration> {
    let (now, life) = (app.clock.now(), &app.settings.life);
    let before = now - life.events;
    let rows = partitions::prune_default(&mut *app.write.acquire().await?, before, BATCH).await?
        + app.execute(RemoveExpired, &Origin::default()).await?
        + queue::prune(&app.write, before, BATCH).await?
        + minutes::prune(&app.write, before, BATCH).await?
        + actions::prune(&app.write, now - life.audit, BATCH).await?;
    if rows > 0 {
        tracing::debug!("deleted {rows} rows");
        return Ok(PAUSE);
    }
    // A backup or another long statement can hold the locks that this needs.
    if let Err(error) = change_partitions(app, now, before).await {
        let error = format!("{error:#}");
        tracing::warn!(error, "the partitions of the outbox stay until the next maintenance");
    }
    if let Err(error) = app.remove_expired_keys().await {
        let error = format!("{error:#}");
        tracing::warn!(error, "expired idempotency keys stay until the next maintenance");
    }
    let objects = app.execute(CollectBlobs, &Origin::default()).await?;
    tracing::debug!("deleted {objects} objects");
    Ok(INTERVAL)
}

/// Creates the partitions of the next days, and drops those of old days.
async fn change_partitions(
    app: &App,
    now: DateTime<Utc>,
    before: DateTime<Utc>,
) -> keyward_core::Result<()> {
    let mut sql = app.write.acquire().await?;
    partitions::create(&mut sql, now).await?;
    partitions::drop_before(&mut sql, before).await
}
