//! Outbox -> JetStream.
//!
//! One relay works at a time, and one user's events keep their order. Whoever holds the advisory
//! lock of the transaction leads for one batch. A leader that is paused is cut off by Postgres
//! after [`LEASE`], so another one goes on; when it comes back, what it sends a second time has
//! the same id and is absorbed.

use std::time::Duration;

use anyhow::Context as _;
use async_nats::jetstream::{self, message::PublishMessage};
use futures_util::{FutureExt as _, StreamExt as _, future::join_all};
use keyward_core::{
    App,
    outbox::{self, Pending},
};
use sqlx::PgConnection;
use tokio_util::sync::CancellationToken;

use crate::stream;

/// Events in one batch: one round trip to NATS and one update.
const BATCH: i64 = 500;
/// How often the outbox is looked at without a nudge.
const POLL: Duration = Duration::from_secs(1);
/// For so long a leader may be silent in the middle of a batch.
const LEASE: &str = "10s";
/// For so long NATS may take to acknowledge a batch.
const ACK_WITHIN: Duration = Duration::from_secs(5);
/// The advisory lock of the leader: "keyward" in hexadecimal.
const LOCK: i64 = 0x006b_6579_7761_7264;

/// Longest time one batch may take; a database that hangs must not hold the relay for ever.
const PATIENCE: Duration = Duration::from_secs(20);

/// Publishes what commands leave in the outbox, until it is told to stop; a batch that has begun is
/// ended.
pub(crate) async fn run(app: App, nats: async_nats::Client, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = relay(&app, &nats, &stop).await {
            tracing::warn!(
                error = format!("{error:#}"),
                "relay interrupted; it goes on in a second"
            );
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
    jetstream.set_timeout(ACK_WITHIN);
    let mut nudges = nats.subscribe(app.nudge_subject()).await?;
    stream::open(&jetstream, &app.settings.namespace)
        .await
        .context("the stream cannot be opened")?;
    while !stop.is_cancelled() {
        let batch = relay_batch(app, &jetstream);
        if tokio::time::timeout(PATIENCE, batch).await.context("a batch took too long")?? > 0 {
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

/// Publishes one batch, if nobody else is at it; returns how many events it was.
async fn relay_batch(app: &App, jetstream: &jetstream::Context) -> anyhow::Result<usize> {
    let mut tx = app.write.begin().await?;
    if !lead(&mut tx).await? {
        return Ok(0);
    }
    let batch = outbox::unpublished(&mut tx, BATCH).await?;
    if batch.is_empty() {
        return Ok(0);
    }
    let (published, result) = publish(jetstream, &app.settings.namespace, &batch).await;
    outbox::mark_published(&mut tx, &published, app.clock.now()).await?;
    tx.commit().await?;
    result.map(|()| published.len())
}

/// Whether this transaction leads until it ends.
#[expect(clippy::disallowed_methods, reason = "no table is touched, so there is nothing to check")]
async fn lead(sql: &mut PgConnection) -> sqlx::Result<bool> {
    let setting = format!("set local idle_in_transaction_session_timeout = '{LEASE}'");
    sqlx::query(sqlx::AssertSqlSafe(setting)).execute(&mut *sql).await?;
    sqlx::query_scalar("select pg_try_advisory_xact_lock($1)").bind(LOCK).fetch_one(sql).await
}

/// Sends a batch without waiting in between, then collects the acknowledgements. Returns what was
/// acknowledged before the first failure, so that nothing overtakes what failed, and the failure.
async fn publish(
    jetstream: &jetstream::Context,
    namespace: &str,
    batch: &[Pending],
) -> (Vec<i64>, anyhow::Result<()>) {
    let mut acks = Vec::with_capacity(batch.len());
    let mut result = Ok(());
    for event in batch {
        let message = PublishMessage::build()
            .payload(event.envelope.clone().into())
            .message_id(event.event_id.to_string())
            .header("traceparent", event.traceparent.as_str());
        match jetstream.send_publish(stream::subject(namespace, &event.subject), message).await {
            Ok(ack) => acks.push(ack),
            Err(error) => {
                result = Err(error.into());
                break;
            }
        }
    }
    let mut published = Vec::with_capacity(acks.len());
    for (event, ack) in
        batch.iter().zip(join_all(acks.into_iter().map(IntoFuture::into_future)).await)
    {
        if let Err(error) = ack {
            result = Err(error.into());
            break;
        }
        published.push(event.position);
    }
    (published, result)
}
