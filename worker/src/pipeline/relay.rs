//! Outbox -> JetStream.
//!
//! One relay publishes at a time, so events of one user keep their order. The holder of an advisory
//! lock leads for one transaction, which is one batch. Postgres ends the transaction of a leader that
//! is silent for [`LEASE_MS`], and another relay takes over.
//!
//! Each message names the sequence number that it follows, and NATS refuses it elsewhere. This fences
//! off a leader that resumes late: what it repeats has the same id, and what is new is refused. It
//! also prevents publishing to a restored old copy of the stream.
//!
//! After a failure, and every [`STREAM_CHECK_INTERVAL`], the leader compares the stream with its
//! record in Postgres, and publishes again what a wiped or restored stream has lost: see
//! [`keyward_core::pipeline::outbox::stream`]. New events always go before those. A stream that NATS
//! cannot write is recorded as not writable, and left alone: an operator restarts `nats-server`.

use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use async_nats::{
    Client,
    connection::State,
    jetstream::{
        self,
        context::{PublishError, PublishErrorKind},
        message::PublishMessage,
        stream::Stream,
    },
};
use futures_util::{FutureExt as _, StreamExt as _, future::join_all};
use keyward_core::{
    App,
    infra::telemetry,
    origin::Trace,
    pipeline::outbox::{
        self, Lead, Pending,
        stream::{Recognition, recognise},
    },
};
use sqlx::PgConnection;
use tokio_util::sync::CancellationToken;

use crate::pipeline::stream;

/// Events in one batch: one round trip to NATS and one update.
const BATCH: i64 = 500;
/// How often the outbox is read without a nudge.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How often the leader compares the stream with its record.
const STREAM_CHECK_INTERVAL: Duration = Duration::from_secs(5);
/// Milliseconds that a leader may be silent during a batch.
const LEASE_MS: u32 = 10_000;
/// Longest time NATS may take to acknowledge a batch: it writes one event after the other to disk.
const ACK_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a relay that waits for acknowledgements checks the connection.
const CONNECTION_CHECK_INTERVAL: Duration = Duration::from_millis(50);
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
    let mut relay =
        Relay { app, nats, jetstream, stream, name: stream::name(namespace), checked_at: None };
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
}

impl Relay<'_> {
    /// Publishes one batch if no other relay leads. Returns whether more may wait. Events without an
    /// effect go first; then those that the stream has lost and that had their effect.
    async fn batch(&mut self) -> anyhow::Result<bool> {
        let mut tx = self.app.write.begin().await?;
        let lead = outbox::lead(&mut tx, &self.name, LEASE_MS).await?;
        self.app.metrics.work.leads(lead.is_some());
        let Some(lead) = lead else { return Ok(false) };
        if self.checked_at.is_none_or(|at| at.elapsed() > STREAM_CHECK_INTERVAL) {
            self.compare(&mut tx).await?;
            tx.commit().await?;
            self.checked_at = Some(Instant::now());
            // Releases the lock: the record has changed.
            return Ok(true);
        }
        let mut batch = outbox::unpublished(&mut tx, lead.generation, BATCH).await?;
        let refill = match lead.refill.filter(|_| batch.is_empty()) {
            Some(refill) => {
                let next = outbox::stream::to_refill(&mut tx, refill, BATCH).await?;
                batch = next.events;
                Some(next.up_to)
            }
            None if batch.is_empty() => {
                // Releases the lock before the next nudge.
                tx.commit().await?;
                return Ok(false);
            }
            None => None,
        };
        let (published, result) = self.publish(&batch, &lead).await;
        let (published, last_sequence) = (&batch[..published.count], published.last_sequence);
        self.app.metrics.work.published(published.len());
        let ids: Vec<_> = published.iter().map(|event| event.event_id).collect();
        outbox::mark_published(&mut tx, &self.name, last_sequence, lead.generation, &ids).await?;
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
        } else {
            // The stream may not be the known one any more.
            self.checked_at = None;
        }
        let is_misplaced = result.as_ref().is_err_and(is_misplaced);
        if !published.is_empty() {
            self.record_writable(&mut tx, lead.is_writable, true).await?;
        } else if result.is_err() && !is_misplaced && self.stream.get_info().await.is_ok() {
            self.record_writable(&mut tx, lead.is_writable, false).await?;
        }
        tx.commit().await?;
        // Another relay has published, or the stream was cut: compare them at once.
        if is_misplaced { Ok(true) } else { result.map(|()| true) }
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

    /// Sends a batch without waiting in between, then collects the acknowledgements. Returns the
    /// events that were acknowledged before the first failure, so that none overtakes it, and the
    /// failure.
    async fn publish(&self, batch: &[Pending], lead: &Lead) -> (Published, anyhow::Result<()>) {
        let namespace = &self.app.settings.namespace;
        let mut acks = Vec::with_capacity(batch.len());
        let (mut published, mut result) = (Published::default(), Ok(()));
        for (event, previous) in batch.iter().zip(lead.last_sequence.unsigned_abs()..) {
            let subject = stream::subject(namespace, &event.subject);
            let message = PublishMessage::build()
                .payload(event.envelope.clone().into())
                .message_id(stream::message_id(event.event_id, lead.generation))
                .expected_last_sequence(previous)
                .header("traceparent", traced(event, &subject));
            match self.jetstream.send_publish(subject, message).await {
                Ok(ack) => acks.push(ack.into_future()),
                Err(error) => {
                    result = Err(error.into());
                    break;
                }
            }
        }
        let acks = tokio::select! {
            biased;
            acks = join_all(acks) => acks,
            () = disconnected(self.nats) => {
                return (published, Err(anyhow!("the connection to NATS is lost")));
            }
        };
        for ack in acks {
            match ack {
                Ok(ack) => {
                    published.count += 1;
                    let sequence = Some(ack.sequence.cast_signed());
                    published.last_sequence = published.last_sequence.max(sequence);
                }
                Err(error) => {
                    result = Err(error.into());
                    break;
                }
            }
        }
        (published, result)
    }

    /// Compares the stream with its record. Begins another generation if it has lost messages.
    async fn compare(&mut self, sql: &mut PgConnection) -> anyhow::Result<()> {
        let info = self.stream.get_info().await.context("the stream is missing")?;
        stream::ensure_leader(&info)?;
        let seen = stream::seen(&info);
        let recognition = recognise(sql, &seen).await?;
        let last = match recognition {
            Recognition::Whole => return Ok(()),
            Recognition::Replaced => None,
            Recognition::Shortened { .. } => {
                let last = self.stream.get_raw_message(info.state.last_sequence).await;
                last.ok().and_then(|last| stream::event_id(Some(&last.headers)))
            }
        };
        let is_refilled = outbox::stream::begin_generation(sql, &seen, last).await?;
        match recognition {
            Recognition::Shortened { from, to } => tracing::warn!(
                stream.known = from,
                stream.last = to,
                "the stream ends at {to} and had acknowledged {from}: missing events are published \
                 again"
            ),
            _ if is_refilled => tracing::warn!(
                "the stream is a new one: all events in the outbox are published again"
            ),
            _ => {}
        }
        Ok(())
    }
}

/// The part of a batch that the stream has acknowledged.
#[derive(Debug, Default)]
struct Published {
    /// Events from the beginning of the batch.
    count: usize,
    /// The sequence number of the last message.
    last_sequence: Option<i64>,
}

/// Adds a publish span to the trace of an event. Returns the `traceparent` that continues it.
fn traced(event: &Pending, subject: &str) -> String {
    let mut trace = Trace { traceparent: event.traceparent.clone(), request_id: String::new() };
    let span = tracing::debug_span!(
        "publish",
        otel.name = %format_args!("publish {}", event.subject),
        otel.kind = "producer",
        messaging.system = "nats",
        messaging.destination.name = subject,
    );
    telemetry::join(&span, Some(&event.traceparent), &mut trace);
    trace.traceparent
}

/// Waits until the connection is lost. Acknowledgements that are missing then never arrive.
async fn disconnected(nats: &Client) {
    while nats.connection_state() == State::Connected {
        tokio::time::sleep(CONNECTION_CHECK_INTERVAL).await;
    }
}

/// Whether NATS refused an event because the stream ends at another sequence number.
fn is_misplaced(error: &anyhow::Error) -> bool {
    error
        .downcast_ref()
        .is_some_and(|error: &PublishError| error.kind() == PublishErrorKind::WrongLastSequence)
}
