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
//! [`keyward_core::pipeline::outbox::stream`]. A stream that NATS cannot write is recorded as
//! not writable, and left alone: an operator restarts `nats-server`.

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
        self, Acknowledged, Pending,
        stream::{Recognition, Seen, recognise},
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
        stream::open(&jetstream, namespace).await.context("the stream cannot be opened")?;
    jetstream.set_timeout(ACK_TIMEOUT);
    let mut relay =
        Relay { app, nats, jetstream, stream, name: stream::name(namespace), checked_at: None };
    while !stop.is_cancelled() {
        let batch = tokio::time::timeout(BATCH_TIMEOUT, relay.batch());
        let published = batch.await.context("a batch took too long")??;
        app.health.relay_succeeded();
        if published > 0 {
            continue;
        }
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
    /// Publishes one batch if no other relay leads. Returns the number of events. Events without an
    /// effect go first; then those that the stream has lost and that had their effect.
    async fn batch(&mut self) -> anyhow::Result<usize> {
        let mut tx = self.app.write.begin().await?;
        let lead = outbox::lead(&mut tx, &self.name, LEASE_MS).await?;
        self.app.metrics.work.leads(lead.is_some());
        let Some(lead) = lead else { return Ok(0) };
        if self.checked_at.is_none_or(|at| at.elapsed() > STREAM_CHECK_INTERVAL) {
            let info = self.stream.get_info().await.context("the stream is missing")?;
            compare(&mut tx, &stream::seen(&info)).await?;
            tx.commit().await?;
            self.checked_at = Some(Instant::now());
            // Releases the lock: the record has changed.
            return Ok(1);
        }
        let mut batch = outbox::unpublished(&mut tx, BATCH).await?;
        let refill = lead.refill.filter(|_| batch.is_empty());
        if let Some(refill) = refill {
            batch = outbox::stream::to_refill(&mut tx, refill, BATCH).await?;
        }
        if batch.is_empty() && refill.is_none() {
            return Ok(0);
        }
        let (published, result) = self.publish(&batch, lead.last_sequence).await;
        self.app.metrics.work.published(published.len());
        outbox::mark_published(&mut tx, &self.name, &published, self.app.clock.now()).await?;
        if refill.is_some() {
            let is_last = i64::try_from(batch.len()).is_ok_and(|length| length < BATCH);
            let is_complete = is_last && result.is_ok();
            let up_to = published.last().map(|last| last.position).filter(|_| !is_complete);
            if is_complete || up_to.is_some() {
                outbox::stream::refilled(&mut tx, &self.name, up_to).await?;
            }
        }
        if result.is_err() {
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
        if is_misplaced { Ok(published.len().max(1)) } else { result.map(|()| published.len()) }
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
    async fn publish(
        &self,
        batch: &[Pending],
        last_sequence: i64,
    ) -> (Vec<Acknowledged>, anyhow::Result<()>) {
        let namespace = &self.app.settings.namespace;
        let mut acks = Vec::with_capacity(batch.len());
        let mut result = Ok(());
        for (event, previous) in batch.iter().zip(last_sequence.unsigned_abs()..) {
            let subject = stream::subject(namespace, &event.subject);
            let message = PublishMessage::build()
                .payload(event.envelope.clone().into())
                .message_id(&event.message_id)
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
                return (Vec::new(), Err(anyhow!("the connection to NATS is lost")));
            }
        };
        let mut published = Vec::with_capacity(acks.len());
        for (event, ack) in batch.iter().zip(acks) {
            match ack {
                Ok(ack) => published.push(Acknowledged {
                    position: event.position,
                    sequence: ack.sequence.cast_signed(),
                }),
                Err(error) => {
                    result = Err(error.into());
                    break;
                }
            }
        }
        (published, result)
    }
}

/// Compares the stream with its record.
async fn compare(sql: &mut PgConnection, seen: &Seen) -> anyhow::Result<()> {
    match recognise(sql, seen).await? {
        Recognition::Whole => {}
        Recognition::Replaced => {
            tracing::warn!("the stream is a new one: all events in the outbox are published again");
        }
        Recognition::Shortened { from, to } => tracing::warn!(
            stream.known = from,
            stream.last = to,
            "the stream ends at {to} and had acknowledged {from}: missing events are published again"
        ),
    }
    Ok(())
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
