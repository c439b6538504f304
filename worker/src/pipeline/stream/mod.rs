//! The stream between the outbox and the inbox: its names, and how it is made.

pub(crate) mod mend;
pub(crate) mod pull_consumer;

use async_nats::{
    header::NATS_MESSAGE_ID,
    jetstream::{
        self, Message,
        consumer::{AckPolicy, PullConsumer, pull},
        stream::{Config, Info, Stream},
    },
};
use keyward_core::{domain::EventId, pipeline::outbox::stream::Seen};
use std::time::Duration;

use crate::ops::board::StreamLag;

/// Name of the worker's consumer.
pub(crate) const CONSUMER: &str = "worker";

/// How long NATS may take to answer what it need not write, before it counts as away. Whoever waits
/// for one that is gone learns that only so late, and does nothing else.
pub(crate) const ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// Subject of an event.
pub(crate) fn subject(namespace: &str, event: &str) -> String {
    format!("{namespace}.events.{event}")
}

/// Name of the stream.
pub(crate) fn name(namespace: &str) -> String {
    format!("{namespace}-events")
}

/// The stream as it is remembered.
///
/// # Errors
///
/// If its numbers are beyond those of Postgres, which does not happen.
pub(crate) fn seen(info: &Info) -> anyhow::Result<Seen> {
    Ok(Seen {
        name: info.config.name.clone(),
        created_ns: info.created.unix_timestamp_nanos().try_into()?,
        last_sequence: info.state.last_sequence.try_into()?,
    })
}

/// The event that a message names in its header, whatever else is in it.
pub(crate) fn event_id(message: &Message) -> Option<EventId> {
    let id = message.headers.as_ref()?.get(NATS_MESSAGE_ID)?.as_str();
    // Behind a colon stands how often it was published before.
    id.split(':').next()?.parse().ok().map(EventId)
}

/// The stream, made if it is not there (a fresh server, or one whose store was wiped).
///
/// # Errors
///
/// If NATS is away.
pub(crate) async fn open(
    jetstream: &jetstream::Context,
    namespace: &str,
) -> Result<Stream, jetstream::context::CreateStreamError> {
    let config = Config {
        name: name(namespace),
        subjects: vec![subject(namespace, ">")],
        // The outbox keeps events as long, so the stream can be filled again from it.
        max_age: Duration::from_secs(7 * 24 * 3600),
        duplicate_window: Duration::from_secs(120),
        ..Config::default()
    };
    jetstream.get_or_create_stream(config).await
}

/// How far the worker is behind; nothing while NATS is away, or before there is a consumer.
pub(crate) async fn lag(nats: &async_nats::Client, namespace: &str) -> Option<StreamLag> {
    let mut jetstream = jetstream::new(nats.clone());
    jetstream.set_timeout(ANSWERS_WITHIN);
    let stream = jetstream.get_stream_no_info(name(namespace)).await.ok()?;
    let info = stream.consumer_info(CONSUMER).await.ok()?;
    Some(StreamLag {
        pending: info.num_pending,
        unacknowledged: info.num_ack_pending.try_into().unwrap_or(u64::MAX),
    })
}

/// How long the stream waits for an answer before it delivers a message again: so much later than usual
/// an event has its effect whose worker was killed. Jobs of such a worker are taken over as soon.
const ACK_WAIT: Duration = Duration::from_secs(15);

/// The worker's place in the stream, made or brought up to date. All workers share it.
///
/// No `backoff` list: it would replace `ack_wait` and not apply to a NAK. Deliveries are unlimited:
/// a message that cannot be read goes to the dead letters and is terminated there.
pub(crate) async fn consumer(
    stream: &Stream,
) -> Result<PullConsumer, jetstream::stream::ConsumerError> {
    let config = pull::Config {
        durable_name: Some(CONSUMER.into()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        max_ack_pending: 10_000,
        ..pull::Config::default()
    };
    stream.create_consumer(config).await
}
