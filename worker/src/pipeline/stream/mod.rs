//! The stream between relay and consumer: its names and its configuration.

pub(crate) mod pull_consumer;

use std::time::Duration;

use anyhow::ensure;
use async_nats::{
    Client, HeaderMap,
    header::NATS_MESSAGE_ID,
    jetstream::{
        self, Context,
        consumer::{AckPolicy, Consumer, pull},
        stream::{Config, Info, Stream},
    },
};
use keyward_core::{domain::EventId, pipeline::outbox::stream::Seen, settings::Settings};

/// Name of the worker's consumer.
pub(crate) const CONSUMER: &str = "worker";

/// Longest time NATS may take to answer a request that writes nothing.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(2);

/// Time after which the stream delivers an unacknowledged message again. Bounds how long an event
/// waits when its worker is killed. Jobs of that worker are rescued in the same time.
const ACK_WAIT: Duration = Duration::from_secs(15);

/// Subject of an event.
pub(crate) fn subject(namespace: &str, event: &str) -> String {
    format!("{namespace}.events.{event}")
}

/// Name of the stream.
pub(crate) fn name(namespace: &str) -> String {
    format!("{namespace}-events")
}

/// JetStream, with [`REQUEST_TIMEOUT`].
pub(crate) fn context(nats: &Client) -> Context {
    let mut jetstream = jetstream::new(nats.clone());
    jetstream.set_timeout(REQUEST_TIMEOUT);
    jetstream
}

/// The state of the stream in the form that Postgres stores.
pub(crate) fn seen(info: &Info) -> Seen {
    Seen {
        name: info.config.name.clone(),
        created_ns: info.created.unix_timestamp_nanos() as i64,
        last_sequence: info.state.last_sequence.cast_signed(),
    }
}

/// The id by which a stream recognises duplicates of an event. A later generation of the stream would
/// drop its messages with the ids of an earlier one.
pub(crate) fn message_id(event: EventId, generation: i32) -> String {
    match generation {
        ..=1 => event.to_string(),
        later => format!("{event}:{later}"),
    }
}

/// The event that the headers of a message name, whatever its payload is, and the generation of the
/// stream that the message was published to.
pub(crate) fn published(headers: Option<&HeaderMap>) -> Option<(EventId, i32)> {
    let id = headers?.get(NATS_MESSAGE_ID)?.as_str();
    let (event, generation) = id.split_once(':').unwrap_or((id, "1"));
    Some((EventId(event.parse().ok()?), generation.parse().unwrap_or(1)))
}

/// The event that the headers of a message name, whatever its payload is.
pub(crate) fn event_id(headers: Option<&HeaderMap>) -> Option<EventId> {
    published(headers).map(|(event, _)| event)
}

/// Opens the stream, and creates it if it is missing (a new server, or a wiped store). Nothing in
/// Keyward deletes a stream.
///
/// # Errors
///
/// If NATS is unavailable, or the stream has no leader.
pub(crate) async fn open(jetstream: &Context, settings: &Settings) -> anyhow::Result<Stream> {
    let config = Config {
        name: name(&settings.namespace),
        subjects: vec![subject(&settings.namespace, ">")],
        // The outbox keeps events as long, so it can fill the stream again.
        max_age: settings.life.events,
        duplicate_window: Duration::from_secs(120),
        ..Config::default()
    };
    let stream = jetstream.get_or_create_stream(config).await?;
    ensure_leader(stream.cached_info())?;
    Ok(stream)
}

/// Fails if the stream of a cluster has no leader: NATS takes no events then, although the servers that
/// follow the stream still describe it.
pub(crate) fn ensure_leader(info: &Info) -> anyhow::Result<()> {
    let has_leader = info.cluster.as_ref().is_none_or(|cluster| cluster.leader.is_some());
    ensure!(has_leader, "the stream has no leader");
    Ok(())
}

/// Messages that the worker has not acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamLag {
    /// Not delivered yet.
    pub pending: u64,
    /// Delivered and not acknowledged yet.
    pub unacknowledged: u64,
}

/// Reads how far the worker is behind. `None` if NATS is unavailable, or the consumer is missing.
pub(crate) async fn lag(nats: &Client, namespace: &str) -> Option<StreamLag> {
    let stream = context(nats).get_stream_no_info(name(namespace)).await.ok()?;
    let info = stream.consumer_info(CONSUMER).await.ok()?;
    Some(StreamLag { pending: info.num_pending, unacknowledged: info.num_ack_pending as u64 })
}

/// Creates or updates the consumer that all workers share.
///
/// It has no `backoff` list, which would replace `ack_wait` and not apply to a NAK. Deliveries are
/// unlimited: an unreadable message goes to the dead letters and is terminated.
///
/// # Errors
///
/// If NATS is unavailable.
pub(crate) async fn create_consumer(
    stream: &Stream,
) -> Result<Consumer<pull::Config>, jetstream::stream::ConsumerError> {
    let config = pull::Config {
        durable_name: Some(CONSUMER.into()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        max_ack_pending: 10_000,
        ..pull::Config::default()
    };
    stream.create_consumer(config).await
}
