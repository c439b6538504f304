//! JetStream -> one transaction { inbox, jobs } -> acknowledgement.
//!
//! An event is acknowledged only after its jobs are committed, and the acknowledgement is
//! confirmed by the server (double ack). Delivered again, it finds itself in the inbox and has no
//! effect.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use async_nats::{
    HeaderValue,
    jetstream::{self, AckKind, Message},
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
    jobs::{self, QueuedTicket},
    pipeline::stream::{self, pull_consumer::PullConsumer},
    queue,
};

/// Messages in one transaction.
const BATCH: usize = 256;
/// How soon a batch that could not be stored is delivered again.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// Longest time one batch may take; less than the stream waits before it delivers again.
const BATCH_TIMEOUT: Duration = Duration::from_secs(10);

/// Turns events into jobs until it is told to stop; what was delivered by then is stored.
pub(crate) async fn run(app: App, nats: async_nats::Client, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = consume(&app, &nats, &stop).await {
            tracing::warn!(
                error = format!("{error:#}"),
                "consumer interrupted; it goes on in a second"
            );
            stop.run_until_cancelled(tokio::time::sleep(RETRY_DELAY)).await;
        }
    }
}

async fn consume(
    app: &App,
    nats: &async_nats::Client,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let mut jetstream = jetstream::new(nats.clone());
    jetstream.set_timeout(stream::ANSWERS_WITHIN);
    let stream = stream::open(&jetstream, &app.settings.namespace)
        .await
        .context("the stream cannot be opened")?;
    stream::consumer(&stream).await.context("the consumer cannot be opened")?;
    let name = stream::name(&app.settings.namespace);
    let mut orders =
        PullConsumer::at(nats.clone(), jetstream, &name, stream::CONSUMER, BATCH).await?;
    let (mut failure, mut refusal) = (None, None::<anyhow::Error>);
    loop {
        // An order is never left before its end, neither for a stop nor when something fails.
        if !orders.is_open() {
            if let Some(error) = failure.take().or_else(|| refusal.take()) {
                return Err(error);
            }
            if stop.is_cancelled() {
                return Ok(());
            }
            orders.place().await?;
        }
        let delivery = orders.next().await?;
        match &failure {
            None => failure = store(app, &delivery.messages).await.err(),
            Some(_) => give_back(&delivery.messages).await,
        }
        refusal = refusal.or(delivery.refusal);
    }
}

/// Stores what a batch sets off, and answers its messages.
async fn store(app: &App, batch: &[Message]) -> anyhow::Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let received = tokio::time::timeout(BATCH_TIMEOUT, receive(app, batch)).await;
    match received.context("a batch took too long").flatten() {
        Ok(answers) => {
            answer(batch, answers).await;
            Ok(())
        }
        Err(error) => {
            give_back(batch).await;
            Err(error.context("events cannot be stored"))
        }
    }
}

/// Has a batch delivered again.
async fn give_back(batch: &[Message]) {
    answer(batch, vec![AckKind::Nak(Some(RETRY_DELAY)); batch.len()]).await;
}

/// Stores what a batch sets off, in one transaction; says how to answer each message.
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
                tracing::error!(event.subject = %message.subject, %error, "unreadable event goes to the dead letters");
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

/// Notes in the trace of an event that it has arrived: its jobs follow from that.
fn trace(envelope: &mut Envelope, message: &Message) {
    let headers = message.headers.as_ref();
    let parent = headers.and_then(|headers| headers.get("traceparent")).map(HeaderValue::as_str);
    let step = tracing::debug_span!(
        "consume",
        otel.name = %format_args!("consume {}", envelope.event.subject()),
        otel.kind = "consumer",
        messaging.system = "nats",
        messaging.destination.name = %message.subject,
        event.id = %envelope.event_id,
    );
    let parent = parent.unwrap_or(&envelope.trace.traceparent).to_owned();
    telemetry::join(&step, Some(&parent), &mut envelope.trace);
}

/// Notes events as received and makes their jobs; those that were received before have none.
pub(crate) async fn take_effect(
    sql: &mut PgConnection,
    mut events: Vec<Envelope>,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let ids: Vec<_> = events.iter().map(|envelope| envelope.event_id).collect();
    let mut new = inbox::first_time(sql, &ids, now).await?;
    // An event may stand twice in one batch; it counts once.
    events.retain(|envelope| new.remove(&envelope.event_id));
    let mut tickets: Vec<_> = events.iter().flat_map(QueuedTicket::all).collect();
    tickets.extend(jobs::fan_out(sql, &events, now).await?);
    queue::enqueue(sql, &tickets).await
}

/// Answers all messages at once. A lost answer means that the message comes again, which the inbox
/// absorbs.
async fn answer(batch: &[Message], answers: Vec<AckKind>) {
    let sent = batch.iter().zip(answers).map(async |(message, answer)| match answer {
        AckKind::Ack => message.double_ack().await,
        other => message.ack_with(other).await,
    });
    if let Some(error) = join_all(sent).await.into_iter().find_map(Result::err) {
        tracing::warn!(%error, "an event was not acknowledged; it will come again");
    }
}
