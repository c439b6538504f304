//! Outbox -> JetStream.
//!
//! One relay works at a time, and one user's events keep their order. Whoever holds the advisory
//! lock of the transaction leads for one batch. A leader that is paused is cut off by Postgres
//! after [`LEASE_MS`], so another one goes on.
//!
//! Each message says behind which number of the stream it belongs, and NATS refuses it anywhere else.
//! So a leader that comes back changes nothing: what it sends a second time has the same id, and
//! what is new comes too late. And nothing is published to an old copy of the stream that was put back.
//!
//! When it is refused, and from time to time, the leader looks whether the stream is still the one
//! that it knows. If its store was wiped, or an old copy of it was put back, what it has lost is
//! published again: see [`keyward_core::pipeline::outbox::stream`]. One that can never be written again is made
//! anew: see [`stream::mend`].

use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use async_nats::{
    connection::State,
    jetstream::{
        self,
        context::{PublishError, PublishErrorKind},
        message::PublishMessage,
        publish::PublishAck,
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
/// How often the outbox is looked at without a nudge.
const POLL: Duration = Duration::from_secs(1);
/// How often the leader looks whether the stream is still the one it knows.
const STREAM_CHECK_INTERVAL: Duration = Duration::from_secs(5);
/// Milliseconds that a leader may be silent in the middle of a batch.
const LEASE_MS: u32 = 10_000;
/// For so long NATS may take to acknowledge a batch: on disk, one event after the other.
const ACK_WITHIN: Duration = Duration::from_secs(5);

/// How often whoever waits for that looks whether there is a connection at all.
const IS_CUT_OFF_EVERY: Duration = Duration::from_millis(50);

/// Longest time one batch may take; a database that hangs must not hold the relay for ever.
const BATCH_TIMEOUT: Duration = Duration::from_secs(20);

/// Publishes what commands leave in the outbox, until it is told to stop; a batch that has begun is
/// ended.
pub(crate) async fn run(app: App, nats: async_nats::Client, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = relay(&app, &nats, &stop).await {
            tracing::warn!(
                error = format!("{error:#}"),
                "relay interrupted; it goes on in a second"
            );
            app.metrics.work.leads(false);
            stop.run_until_cancelled(tokio::time::sleep(POLL)).await;
        }
    }
}

async fn relay(
    app: &App,
    nats: &async_nats::Client,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let mut jetstream = jetstream::new(nats.clone());
    jetstream.set_timeout(stream::ANSWERS_WITHIN);
    let mut nudges = nats.subscribe(app.nudge_subject()).await?;
    let namespace = &app.settings.namespace;
    let stream =
        stream::open(&jetstream, namespace).await.context("the stream cannot be opened")?;
    jetstream.set_timeout(ACK_WITHIN);
    let mut relay =
        Relay { app, nats, jetstream, stream, name: stream::name(namespace), looked_at: None };
    while !stop.is_cancelled() {
        let batch = tokio::time::timeout(BATCH_TIMEOUT, relay.batch());
        if batch.await.context("a batch took too long")?? > 0 {
            continue;
        }
        // Woken by a nudge or by the clock. Many nudges are one: all are taken before looking.
        tokio::select! {
            nudge = nudges.next() => { nudge.context("the connection to NATS is closed")?; }
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
        while nudges.next().now_or_never().flatten().is_some() {}
    }
    Ok(())
}

/// A relay with an open stream.
struct Relay<'a> {
    app: &'a App,
    nats: &'a async_nats::Client,
    jetstream: jetstream::Context,
    stream: Stream,
    name: String,
    /// When the stream was last compared with what is known of it.
    looked_at: Option<Instant>,
}

impl Relay<'_> {
    /// Publishes one batch, if nobody else is at it; returns how many events it was. What waits for
    /// its effect goes first; when nothing does, what the stream has lost of earlier ones.
    async fn batch(&mut self) -> anyhow::Result<usize> {
        let mut tx = self.app.write.begin().await?;
        let lead = outbox::lead(&mut tx, &self.name, LEASE_MS).await?;
        self.app.metrics.work.leads(lead.is_some());
        let Some(lead) = lead else { return Ok(0) };
        if self.looked_at.is_none_or(|at| at.elapsed() > STREAM_CHECK_INTERVAL) {
            let info = self.stream.get_info().await.context("the stream is gone")?;
            compare(&mut tx, &stream::seen(&info)?).await?;
            tx.commit().await?;
            self.looked_at = Some(Instant::now());
            // Whoever waits for the lock may have it: what is known has changed.
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
            let is_end = i64::try_from(batch.len()).is_ok_and(|length| length < BATCH);
            let is_over = is_end && result.is_ok();
            let up_to = published.last().map(|last| last.position).filter(|_| !is_over);
            if is_over || up_to.is_some() {
                outbox::stream::refilled(&mut tx, &self.name, up_to).await?;
            }
        }
        if result.is_err() {
            // Whatever it was, the stream may not be the one that we know.
            self.looked_at = None;
        }
        let is_misplaced = result.as_ref().is_err_and(is_misplaced);
        if result.is_err() && !is_misplaced {
            self.mend().await;
        }
        tx.commit().await?;
        // Somebody else has published, or the stream was cut: that is looked at without delay.
        if is_misplaced { Ok(published.len().max(1)) } else { result.map(|()| published.len()) }
    }

    /// What was not taken may never be taken: then the stream is made anew.
    async fn mend(&self) {
        let namespace = &self.app.settings.namespace;
        match stream::mend::if_broken(self.jetstream.clone(), namespace).await {
            Ok(true) => tracing::warn!(
                "NATS could not write the stream any more: it was made anew, with its consumers"
            ),
            Ok(false) => {}
            Err(error) => tracing::warn!(
                error = format!("{error:#}"),
                "the stream cannot be written, and could not be made anew"
            ),
        }
    }

    /// Sends a batch without waiting in between, then collects the acknowledgements. Returns what
    /// was acknowledged before the first failure, so that nothing overtakes what failed, and the
    /// failure.
    async fn publish(
        &self,
        batch: &[Pending],
        last_sequence: i64,
    ) -> (Vec<Acknowledged>, anyhow::Result<()>) {
        let namespace = &self.app.settings.namespace;
        let mut acks = Vec::with_capacity(batch.len());
        let mut result = Ok(());
        for (event, behind) in batch.iter().zip(last_sequence.unsigned_abs()..) {
            let subject = stream::subject(namespace, &event.subject);
            let message = PublishMessage::build()
                .payload(event.envelope.clone().into())
                .message_id(&event.message_id)
                .expected_last_sequence(behind)
                .header("traceparent", traced(event, &subject));
            match self.jetstream.send_publish(subject, message).await {
                Ok(ack) => acks.push(ack),
                Err(error) => {
                    result = Err(error.into());
                    break;
                }
            }
        }
        let mut published = Vec::with_capacity(acks.len());
        let acks = tokio::select! {
            biased;
            acks = join_all(acks.into_iter().map(IntoFuture::into_future)) => acks,
            () = cut_off(self.nats) => return (published, Err(anyhow!("the connection to NATS is cut"))),
        };
        for (event, ack) in batch.iter().zip(acks) {
            match acknowledged(event, ack) {
                Ok(event) => published.push(event),
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        (published, result)
    }
}

/// Compares the stream with what is known of it.
async fn compare(sql: &mut PgConnection, seen: &Seen) -> anyhow::Result<()> {
    match recognise(sql, seen).await? {
        Recognition::Whole => {}
        Recognition::Replaced => tracing::warn!(
            "the stream is another one than before: all that the outbox holds is published again"
        ),
        Recognition::Shortened { from, to } => tracing::warn!(
            stream.known = from,
            stream.last = to,
            "the stream ends at {to} and had acknowledged {from}: what is missing is published again"
        ),
    }
    Ok(())
}

/// Notes the publication in the trace of the event; returns the `traceparent` of what follows.
fn traced(event: &Pending, subject: &str) -> String {
    let mut trace = Trace { traceparent: event.traceparent.clone(), request_id: String::new() };
    let step = tracing::debug_span!(
        "publish",
        otel.name = %format_args!("publish {}", event.subject),
        otel.kind = "producer",
        messaging.system = "nats",
        messaging.destination.name = subject,
    );
    telemetry::join(&step, Some(&event.traceparent), &mut trace);
    trace.traceparent
}

/// Waits until there is no connection: acknowledgements that it has not brought by then never come.
async fn cut_off(nats: &async_nats::Client) {
    while nats.connection_state() == State::Connected {
        tokio::time::sleep(IS_CUT_OFF_EVERY).await;
    }
}

/// What an acknowledgement says.
fn acknowledged(
    event: &Pending,
    ack: Result<PublishAck, PublishError>,
) -> anyhow::Result<Acknowledged> {
    Ok(Acknowledged { position: event.position, sequence: ack?.sequence.try_into()? })
}

/// Whether NATS refused an event because it belongs behind another one than the stream's last.
fn is_misplaced(error: &anyhow::Error) -> bool {
    error
        .downcast_ref()
        .is_some_and(|error: &PublishError| error.kind() == PublishErrorKind::WrongLastSequence)
}
