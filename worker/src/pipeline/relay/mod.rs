//! Outbox -> JetStream.
//!
//! One relay publishes at a time, so events of one user keep their order. The holder of an advisory
//! lock leads for one transaction, which is one batch. Postgres ends the transaction of a leader that
//! is silent for [`LEASE_MS`], and another relay takes over.
//!
//! Each message names the sequence number that it follows, and the message id; NATS refuses it
//! elsewhere. So no event overtakes one that was refused. This also fences off a leader that resumes
//! late: what it repeats has the same id, and what is new is refused.
//!
//! Before each batch, the leader compares the stream with its record in Postgres: see [`check`]. New
//! events always go before those that the stream has lost. A stream that NATS cannot write is recorded
//! as not writable, and left alone: an operator restarts `nats-server`.

mod check;
mod publish;

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use async_nats::{
    Client,
    jetstream::{self, stream::Stream},
};
use futures_util::{FutureExt as _, StreamExt as _};
use keyward_core::{
    App,
    domain::EventId,
    pipeline::outbox::{self, Lead},
};
use sqlx::PgConnection;
use tokio_util::sync::CancellationToken;

use crate::pipeline::stream;

/// Events in one batch: one round trip to NATS and one update.
const BATCH: i64 = 500;
/// How often the outbox is read without a nudge.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How often the leader compares the stream with its record if there is nothing to publish.
const STREAM_CHECK_INTERVAL: Duration = Duration::from_secs(5);
/// Milliseconds that a leader may be silent during a batch.
const LEASE_MS: u32 = 10_000;
/// Longest time NATS may take to acknowledge a batch: it writes one event after the other to disk.
const ACK_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest time one batch may take, so that a hanging database does not block the relay for ever.
const BATCH_TIMEOUT: Duration = Duration::from_secs(20);

/// Publishes pending outbox events to JetStream, oldest first, until `stop` is cancelled. Completes a
/// batch that has begun.
///
/// # Errors
///
/// If NATS or Postgres is unavailable, or the stream is not writable.
pub(crate) async fn run(app: &App, nats: &Client, stop: &CancellationToken) -> anyhow::Result<()> {
    let namespace = &app.settings.namespace;
    let mut jetstream = stream::context(nats);
    let mut nudges = nats.subscribe(app.nudge_subject()).await?;
    let stream =
        stream::open(&jetstream, &app.settings).await.context("the stream cannot be opened")?;
    jetstream.set_timeout(ACK_TIMEOUT);
    let mut relay = Relay {
        app,
        nats,
        jetstream,
        stream,
        name: stream::name(namespace),
        checked_at: None,
        published: HashSet::new(),
        generation: 0,
    };
    while !stop.is_cancelled() {
        let batch = tokio::time::timeout(BATCH_TIMEOUT, relay.batch());
        let may_have_more = batch.await.context("a batch took too long")??;
        if may_have_more {
            continue;
        }
        app.health.relay_succeeded();
        // Many nudges are one: the relay takes all of them before it reads the outbox.
        tokio::select! {
            nudge = nudges.next() => { nudge.context("the connection to NATS is closed")?; }
            () = tokio::time::sleep(POLL_INTERVAL) => {}
            () = stop.cancelled() => {}
        }
        while nudges.next().now_or_never().flatten().is_some() {}
    }
    Ok(())
}

/// A relay with an open stream.
struct Relay<'a> {
    app: &'a App,
    nats: &'a Client,
    jetstream: jetstream::Context,
    stream: Stream,
    name: String,
    /// When the stream was last compared with its record.
    checked_at: Option<Instant>,
    /// Events in the stream that may not be marked: an event that a worker is processing cannot be.
    published: HashSet<EventId>,
    /// The generation of the stream that has them.
    generation: i32,
}

impl Relay<'_> {
    /// Publishes one batch if no other relay leads. Returns whether more may wait. Events without an
    /// effect go first; then those that the stream has lost and that had their effect.
    async fn batch(&mut self) -> anyhow::Result<bool> {
        let mut tx = self.app.write.begin().await?;
        let lead = outbox::lead(&mut tx, &self.name, LEASE_MS).await?;
        self.app.metrics.work.leads(lead.is_some());
        let Some(lead) = lead else { return Ok(false) };
        if std::mem::replace(&mut self.generation, lead.generation) != lead.generation {
            self.published.clear();
        }
        let pending = outbox::unpublished(&mut tx, lead.generation, BATCH).await?;
        let is_due = self.checked_at.is_none_or(|at| at.elapsed() > STREAM_CHECK_INTERVAL);
        // After the events were read: what the stream has here and not there was published since.
        if is_due || !pending.is_empty() || lead.refill.is_some() {
            let has_changed = self.compare(&mut tx, &lead).await?;
            self.checked_at = Some(Instant::now());
            if has_changed {
                // Releases the lock: the record has changed.
                tx.commit().await?;
                return Ok(true);
            }
        }
        let (known, mut batch): (Vec<_>, Vec<_>) =
            pending.into_iter().partition(|event| self.published.contains(&event.event_id));
        self.published = known.into_iter().map(|event| event.event_id).collect();
        let refill = match lead.refill.filter(|_| batch.is_empty()) {
            Some(refill) => {
                let next = outbox::stream::to_refill(&mut tx, refill, BATCH).await?;
                batch = next.events;
                Some(next.up_to)
            }
            None if batch.is_empty() => {
                if !self.published.is_empty() {
                    self.mark(&mut tx, &lead, None).await?;
                }
                // Releases the lock before the next nudge.
                tx.commit().await?;
                return Ok(false);
            }
            None => None,
        };
        let (part, result) = self.publish(&batch, &lead).await;
        let published = &batch[..part.count];
        self.app.metrics.work.published(published.len());
        self.published.extend(published.iter().map(|event| event.event_id));
        self.mark(&mut tx, &lead, part.last_sequence).await?;
        match (refill, published.last()) {
            (Some(up_to), _) if result.is_ok() => {
                outbox::stream::refilled(&mut tx, &self.name, up_to).await?;
            }
            (Some(_), Some(last)) => {
                outbox::stream::refilled(&mut tx, &self.name, Some(last.position)).await?;
            }
            _ => {}
        }
        if result.is_ok() {
            self.app.health.relay_succeeded();
        }
        if !published.is_empty() {
            self.record_writable(&mut tx, lead.is_writable, true).await?;
        } else if result.is_err() && !part.is_misplaced && self.stream.get_info().await.is_ok() {
            self.record_writable(&mut tx, lead.is_writable, false).await?;
        }
        tx.commit().await?;
        // Another relay has published: compare the stream at once.
        if part.is_misplaced { Ok(true) } else { result.map(|()| true) }
    }

    /// Marks the events that are known to be in the stream, and records its last sequence number.
    async fn mark(
        &self,
        sql: &mut PgConnection,
        lead: &Lead,
        last_sequence: Option<i64>,
    ) -> anyhow::Result<()> {
        let ids: Vec<_> = self.published.iter().copied().collect();
        outbox::mark_published(sql, &self.name, last_sequence, lead.generation, &ids).await?;
        Ok(())
    }

    /// Records whether NATS writes the stream, if that has changed.
    async fn record_writable(
        &self,
        sql: &mut PgConnection,
        was_writable: bool,
        is_writable: bool,
    ) -> anyhow::Result<()> {
        match (was_writable, is_writable) {
            (true, false) => tracing::error!(
                "NATS answers but does not write the stream. If it continues, restart nats-server: \
                 see docs/operate/runbooks/stream-not-writable.md"
            ),
            (false, true) => tracing::info!("NATS writes the stream again"),
            _ => return Ok(()),
        }
        let now = self.app.clock.now();
        Ok(outbox::stream::set_writable(sql, &self.name, is_writable, now).await?)
    }
}
