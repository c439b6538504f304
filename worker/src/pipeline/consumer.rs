//! JetStream -> one transaction { pending event, jobs } -> acknowledgement.
//!
//! The worker acknowledges an event after the commit of its jobs, and the server confirms the
//! acknowledgement (double ack). An event that is delivered again is no longer pending and has no
//! effect. An event that this release cannot read stays pending and is parked: see [`take_parked`].

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
    domain::EventId,
    events::Envelope,
    infra::telemetry,
    pipeline::{dead_letters, outbox::pending},
};
use serde::Deserialize;
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
/// Parked events in one transaction.
const PARKED_BATCH: i64 = 100;
/// How often parked events are looked for.
const PARKED_INTERVAL: Duration = Duration::from_secs(3);

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
    let stream =
        stream::open(&jetstream, &app.settings).await.context("the stream cannot be opened")?;
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
    // A plan that is cached while almost nothing is pending must not scan when much is.
    let mut tx = app.write.begin_with("begin; set local enable_seqscan = off").await?;
    let mut events = Vec::with_capacity(batch.len());
    let mut answers = Vec::with_capacity(batch.len());
    for message in batch {
        let (event, answer) = match serde_json::from_slice::<Envelope>(&message.payload) {
            Ok(envelope) => (Some(envelope), AckKind::Ack),
            Err(error) => read_again(&mut tx, message, &error.to_string(), now).await?,
        };
        events.extend(event.map(|mut envelope| {
            trace(&mut envelope, message);
            envelope
        }));
        answers.push(answer);
    }
    let unreadable = answers.iter().filter(|answer| matches!(answer, AckKind::Term)).count();
    take_effect(&mut tx, events, now).await?;
    tx.commit().await?;
    let work = &app.metrics.work;
    work.consumed(batch.len() - unreadable, unreadable, began_at.elapsed());
    Ok(answers)
}

/// The members that every event has had, and will have.
#[derive(Deserialize)]
struct EventHead {
    event_id: EventId,
    #[serde(rename = "type")]
    _subject: String,
}

/// Decides about a message that is unreadable for a reason. A pending event is read from the outbox,
/// and parked if this release does not know its type or its members. An event that is not pending had
/// its effect, or was never committed here. Anything else is a dead letter.
async fn read_again(
    sql: &mut PgConnection,
    message: &Message,
    reason: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<(Option<Envelope>, AckKind)> {
    let head = serde_json::from_slice::<EventHead>(&message.payload).ok();
    let named = stream::event_id(message.headers.as_ref());
    let id = head.as_ref().map(|head| head.event_id).or(named);
    let committed = match id {
        Some(id) => pending::envelope(sql, id).await?.map(|envelope| (id, envelope)),
        None => None,
    };
    let subject = &message.subject;
    match committed {
        Some((id, envelope)) => match serde_json::from_str(&envelope) {
            Ok(envelope) => return Ok((Some(envelope), AckKind::Ack)),
            Err(error) => {
                tracing::warn!(event.subject = %subject, event.id = %id, %error, "event is parked until a release can read it");
                pending::park(sql, id, &error.to_string()).await?;
            }
        },
        None if head.is_some() => {}
        None => {
            tracing::error!(event.subject = %subject, error = reason, "unreadable message is kept as a dead letter");
            dead_letters::keep(sql, named, subject, &message.payload, reason, now).await?;
            return Ok((None, AckKind::Term));
        }
    }
    Ok((None, AckKind::Ack))
}

/// Lets events take effect that another release has parked and this one can read. Returns the delay
/// until the next call.
pub(crate) async fn take_parked(app: &App) -> anyhow::Result<Duration> {
    let mut tx = app.write.begin().await?;
    let (events, count) = pending::unpark(&mut tx, PARKED_BATCH).await?;
    if count == 0 {
        return Ok(PARKED_INTERVAL);
    }
    let taken = events.len();
    take_effect(&mut tx, events, app.clock.now()).await?;
    tx.commit().await?;
    tracing::info!("{taken} of {count} parked events have taken effect");
    Ok(Duration::ZERO)
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

/// Inserts the jobs of pending events, which are pending no longer. Ignores all others.
async fn take_effect(
    sql: &mut PgConnection,
    mut events: Vec<Envelope>,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let ids: Vec<_> = events.iter().map(|envelope| envelope.event_id).collect();
    let mut new = pending::take(sql, &ids).await?;
    // A batch may contain an event twice.
    events.retain(|envelope| new.remove(&envelope.event_id));
    let mut jobs = jobs::plan_deliveries(sql, &events, now).await?;
    for event in &events {
        jobs.extend(jobs_for(event)?);
    }
    Ok(queue::enqueue(sql, &jobs).await?)
}

/// Answers all messages concurrently. A lost answer leads to another delivery, which has
/// no effect.
async fn answer(batch: &[Message], answers: Vec<AckKind>) {
    let sent = batch.iter().zip(answers).map(async |(message, answer)| match answer {
        AckKind::Ack => message.double_ack().await,
        other => message.ack_with(other).await,
    });
    if let Some(error) = join_all(sent).await.into_iter().find_map(Result::err) {
        tracing::warn!(%error, "an event was not acknowledged and will be delivered again");
    }
}
