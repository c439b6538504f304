//! A unit of work.

use std::time::Instant;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;

use super::{App, records};
use crate::{
    Refusal, Result,
    domain::EventId,
    events::{Envelope, Event},
    infra::{cache, postgres::Transaction},
    origin::Origin,
    pipeline::outbox,
};

/// A unit of work: its rows and events are committed together or not at all. Dropping it without
/// `commit` rolls it back.
#[derive(Debug)]
pub struct Tx {
    sql: Transaction,
    /// Time of the beginning; used for everything in it.
    pub now: DateTime<Utc>,
    events: Vec<Envelope>,
    /// The request it belongs to.
    pub(crate) origin: Origin,
    app: App,
}

impl App {
    /// Begins a unit of work. May wait for a connection.
    pub(crate) async fn begin(&self, origin: &Origin) -> Result<Tx> {
        let asked_at = Instant::now();
        let sql = self.write.begin().await?;
        self.metrics.product.begin_seconds.observe(asked_at.elapsed().as_secs_f64());
        let (now, origin, app) = (self.clock.now(), origin.clone(), self.clone());
        Ok(Tx { sql, now, events: Vec::new(), origin, app })
    }
}

impl Tx {
    /// The app it runs in.
    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// The connection.
    pub(crate) fn sql(&mut self) -> &mut PgConnection {
        &mut self.sql
    }

    /// Emits an event with the commit.
    pub(crate) fn emit(&mut self, event: Event) {
        self.events.push(Envelope {
            event_id: EventId::new(),
            occurred_at: self.now,
            trace: self.origin.trace.clone(),
            event,
        });
    }

    /// Commits as [`commit`](Self::commit) does, and returns the result of the command. Records it with
    /// the commit if the request has an idempotency key: it must contain no secret and no personal data.
    ///
    /// # Errors
    ///
    /// [`Refusal::IdempotencyInProgress`] if another transaction has just committed with this key.
    pub(crate) async fn complete<T: Serialize>(mut self, output: T) -> Result<T> {
        if let Some(claim) = self.origin.claim {
            let json = serde_json::to_string(&output).map_err(anyhow::Error::from)?;
            if !records::insert(&mut self.sql, &claim, &json, self.now).await? {
                return Err(Refusal::IdempotencyInProgress.into());
            }
        }
        self.commit().await?;
        Ok(output)
    }

    /// Commits rows and events, wakes the relay and invalidates the cache. If Redis is reachable, or
    /// down for all processes, the next request sees the new state. If only this process
    /// cannot reach Redis, other processes see it with the worker's invalidation job.
    pub(crate) async fn commit(mut self) -> Result<()> {
        if !self.events.is_empty() {
            outbox::append(&mut self.sql, &self.events).await?;
        }
        self.sql.commit().await?;
        for envelope in &self.events {
            tracing::info!(
                event.subject = envelope.event.subject(),
                event.id = %envelope.event_id,
                user.id = envelope.event.user_id().map(tracing::field::display),
                "event {}", envelope.event.subject(),
            );
        }
        self.app.committed.notify_one();
        let invalidations: Vec<_> = self
            .events
            .iter()
            .filter_map(|envelope| cache::invalidation_by(&envelope.event))
            .collect();
        // Detached: a client that disconnects must not leave the old state in the cache.
        let cache = self.app.cache.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "must outlive the request; bounded by a timeout of its own"
        )]
        let written = tokio::spawn(async move { cache.write_tombstones(&invalidations).await });
        if !written.await.unwrap_or(false) {
            tracing::warn!("redis is unreachable: the worker will invalidate the cache");
        }
        Ok(())
    }
}
