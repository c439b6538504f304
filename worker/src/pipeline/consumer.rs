//! JetStream -> one transaction { inbox, jobs } -> acknowledgement.
//!
//! The worker acknowledges an event after the commit of its jobs, and the server confirms the
//! acknowledgement (double ack). An event that is delivered again is in the inbox and has no effect.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use async_nats::{
    Client, HeaderValue,
    jetstream::{AckKind, Message},
};
use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use keyward_core::{
    App,
    events::Envelope,
    infra::telemetry,
    pipeline::{dead_letters, inbox},
};
use sqlx::PgConnection;
use tokio_util::sync::CancellationToken;

use crate::{
    jobs,
    pipeline::{
        reactions::jobs_for,
        stream::{self, pull_consumer::PullConsumer},
    },
    queue,
};

/// Messages in one transaction.
const BATCH: usize = 256;
/// Delay before a batch that was not stored is delivered again.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// Longest time one batch may take; less than `stream::ACK_WAIT`.
const BATCH_TIMEOUT: Duration = Duration::from_secs(10);

/// Turns events into jobs until `stop` is cancelled; stores what was delivered by then.
///
/// # Errors
///
/// If NATS or Postgres is unavailable.
pub(crate) async fn run(
    app: &App,
    nats: &Client,
    stop: &CancellationToken,
) -> anyhow::Result<Duration> {
    let jetstream = stream::context(nats);
    let stream = stream::open(&jetstream, &app.settings.namespace)
        .await
        .context("the stream cannot be opened")?;
    stream::create_consumer(&stream).await.context("the consumer cannot be opened")?;
    let name = stream::name(&app.settings.namespace);
    let mut consumer =
        PullConsumer::new(nats.clone(), jetstream, &name, stream::CONSUMER, BATCH).await?;
    let (mut failure, mut refusal) = (None, None::<anyhow::Error>);
    loop {
        // A request is read to its end, even after a failure or a stop: see `pull_consumer`.
        if !consumer.is_open() {
            if let Some(error) = failure.take().or_else(|| refusal.take()) {
                return Err(error);
            }
            if stop.is_cancelled() {
                return Ok(Duration::ZERO);
            }
            consumer.request_batch().await?;
        }
        let delivery = consumer.next().await?;
        match &failure {
            None => failure = store(app, &delivery.messages).await.err(),
            Some(_) => reject(&delivery.messages).await,
        }
        refusal = refusal.or(delivery.refusal);
    }
}

/// Stores the jobs of a batch, and answers its messages.
async fn store(app: &App, batch: &[Message]) -> anyhow::Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let stored = tokio::time::timeout(BATCH_TIMEOUT, receive(app, batch)).await;
    match stored.context("a batch took too long").flatten() {
        Ok(answers) => {
            answer(batch, answers).await;
            Ok(())
        }
        Err(error) => {
            reject(batch).await;
            Err(error.context("events cannot be stored"))
        }
    }
}

/// Requests another delivery of a batch.
async fn reject(batch: &[Message]) {
    answer(batch, vec![AckKind::Nak(Some(RETRY_DELAY)); batch.len()]).await;
}

/// Stores the jobs of a batch in one transaction. Returns the answer to each message.
async fn receive(app: &App, batch: &[Message]) -> anyhow::Result<Vec<AckKind>> {
    let (now, began_at) = (app.clock.now(), Instant::now());
    let mut tx = app.write.begin().await?;
    let mut events = Vec::with_capacity(batch.len());
    let mut answers = Vec::with_capacity(batch.len());
    for message in batch {
        match serde_json::from_slice::<Envelope>(&message.payload) {
            Ok(mut envelope) => {
                trace(&mut envelope, message);
                events.push(envelope);
                answers.push(AckKind::Ack);
            }
            Err(error) => {
                tracing::error!(event.subject = %message.subject, %error, "unreadable event is kept as a dead letter");
                let reason = error.to_string();
                let (event, subject) = (stream::event_id(message), &message.subject);
                dead_letters::keep(&mut tx, event, subject, &message.payload, &reason, now).await?;
                answers.push(AckKind::Term);
            }
        }
    }
    let readable = events.len();
    take_effect(&mut tx, events, now).await?;
    tx.commit().await?;
    let work = &app.metrics.work;
    work.consumed(readable, batch.len() - readable, began_at.elapsed());
    Ok(answers)
}

/// Adds a consumer span to the trace of an event. Its jobs continue that trace.
fn trace(envelope: &mut Envelope, message: &Message) {
    let headers = message.headers.as_ref();
    let parent = headers.and_then(|headers| headers.get("traceparent")).map(HeaderValue::as_str);
    let span = tracing::debug_span!(
        "consume",
        otel.name = %format_args!("consume {}", envelope.event.subject()),
        otel.kind = "consumer",
        messaging.system = "nats",
        messaging.destination.name = %message.subject,
        event.id = %envelope.event_id,
    );
    let parent = parent.unwrap_or(&envelope.trace.traceparent).to_owned();
    telemetry::join(&span, Some(&parent), &mut envelope.trace);
}

/// Records events in the inbox and inserts their jobs. Ignores events that are in the inbox already.
pub(crate) async fn take_effect(
    sql: &mut PgConnection,
    mut events: Vec<Envelope>,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let ids: Vec<_> = events.iter().map(|envelope| envelope.event_id).collect();
    let mut new = inbox::first_time(sql, &ids, now).await?;
    // A batch may contain an event twice.
    events.retain(|envelope| new.remove(&envelope.event_id));
    let mut jobs = jobs::plan_deliveries(sql, &events, now).await?;
    for event in &events {
        jobs.extend(jobs_for(event)?);
    }
    Ok(queue::enqueue(sql, &jobs).await?)
}

/// Answers all messages concurrently. A lost answer leads to another delivery, which the inbox
/// absorbs.
async fn answer(batch: &[Message], answers: Vec<AckKind>) {
    let sent = batch.iter().zip(answers).map(async |(message, answer)| match answer {
        AckKind::Ack => message.double_ack().await,
        other => message.ack_with(other).await,
    });
    if let Some(error) = join_all(sent).await.into_iter().find_map(Result::err) {
        tracing::warn!(%error, "an event was not acknowledged and will be delivered again");
    }
}
