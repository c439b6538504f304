//! A unit of work.

use std::time::Instant;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Postgres, Transaction};

use super::App;
use crate::{
    Result,
    domain::EventId,
    events::{Envelope, Event},
    infra::cache,
    origin::Origin,
    pipeline::outbox,
};

/// A unit of work: rows and events become true together, or not at all. Dropped without
/// its `commit` it leaves nothing.
#[derive(Debug)]
pub struct Tx {
    sql: Transaction<'static, Postgres>,
    /// When it began; the time of everything in it.
    pub now: DateTime<Utc>,
    events: Vec<Envelope>,
    /// Who asked.
    pub(crate) origin: Origin,
    app: App,
}

impl Tx {
    /// Begins one: waits for a connection if it must.
    pub(super) async fn begin(app: &App, origin: &Origin) -> Result<Self> {
        let asked_at = Instant::now();
        let sql = app.write.begin().await?;
        app.metrics.product.begin_seconds.observe(asked_at.elapsed().as_secs_f64());
        Ok(Self {
            sql,
            now: app.clock.now(),
            events: Vec::new(),
            origin: origin.clone(),
            app: app.clone(),
        })
    }

    /// The app it runs in.
    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// The connection.
    pub(crate) fn sql(&mut self) -> &mut PgConnection {
        &mut self.sql
    }

    /// Announces what has happened, if it is committed.
    pub(crate) fn emit(&mut self, event: Event) {
        self.events.push(Envelope {
            event_id: EventId::new(),
            occurred_at: self.now,
            trace: self.origin.trace.clone(),
            event,
        });
    }

    /// Makes it true. When this returns, Redis has been told what is stale, the relay has been
    /// woken, and whoever asks next is judged by the new state.
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
        let invalidations: Vec<_> = self
            .events
            .iter()
            .filter_map(|envelope| cache::invalidation_by(&envelope.event))
            .collect();
        // Detached: a client that hangs up must not leave the old state in the cache.
        let app = self.app.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "must outlive the request; bounded by itself"
        )]
        let told = tokio::spawn(async move {
            app.cache.write_tombstones(&invalidations).await
                || app.neighbours.write_tombstones(&app.write, &invalidations).await
        });
        self.app.committed.notify_one();
        if !told.await.unwrap_or(false) {
            tracing::warn!("redis was not told of a change; the worker will do it");
        }
        Ok(())
    }
}
