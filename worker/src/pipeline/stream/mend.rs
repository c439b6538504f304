//! A stream that takes nothing any more, though NATS answers.
//!
//! `nats-server` (2.15.1) writes nothing more to a stream that it could not write once, because the
//! disk was full, until the server is started anew; whoever publishes hears nothing. The stream can be
//! made anew instead: the outbox holds all that was in it, and fills it again.

use std::time::Duration;

use anyhow::Context as _;
use async_nats::jetstream::{
    self, ErrorCode,
    consumer::{self, DeliverPolicy},
    stream::{Config, PurgeErrorKind, Stream},
};
use futures_util::TryStreamExt as _;

use super::{name, subject};

/// For so long NATS may take for each look, so that all of them take less time than a leader has.
const LOOK: Duration = Duration::from_secs(1);
/// For so long it may take for each change, once it is clear that nothing else helps.
const CHANGE: Duration = Duration::from_secs(5);
/// What must be written somewhere else first: as much as a good many events.
const TRIAL_BYTES: usize = 256 * 1024;

/// Makes the stream anew, with the consumers of everybody, if it can never be written again and there
/// is room for a new one. Says whether it did. Call it as the relay that leads. Consumers find all that
/// the outbox holds once more, under other numbers.
///
/// It does nothing if NATS is merely slow or away, while the disk is still full, and where servers keep
/// copies of the stream for each other.
///
/// # Errors
///
/// If NATS stops answering in the middle of it. The relay then makes the stream when it opens it next;
/// consumers of others that are not there yet are theirs to make.
pub(crate) async fn if_broken(
    mut jetstream: jetstream::Context,
    namespace: &str,
) -> anyhow::Result<bool> {
    jetstream.set_timeout(LOOK);
    let Ok(stream) = jetstream.get_stream(name(namespace)).await else { return Ok(false) };
    let config = stream.cached_info().config.clone();
    if config.num_replicas > 1
        || !can_never_be_written(&stream, namespace).await
        || !has_room(&jetstream, namespace, &config).await
    {
        return Ok(false);
    }
    let consumers: Vec<_> = stream.consumers().try_collect().await?;
    jetstream.set_timeout(CHANGE);
    jetstream.delete_stream(&config.name).await.context("the old stream stays")?;
    let stream = jetstream.create_stream(config).await.context("the new stream")?;
    for one in consumers {
        // Those without a name belong to somebody's connection, who makes another one.
        if one.config.durable_name.is_none() {
            continue;
        }
        let name = one.name;
        let made = stream.create_consumer(from_its_beginning(one.config)).await;
        made.with_context(|| format!("the consumer {name} is not made again"))?;
    }
    Ok(true)
}

/// Asks for the removal of nothing: the answer of a store that can never be written again is why.
async fn can_never_be_written(stream: &Stream, namespace: &str) -> bool {
    let nothing = subject(namespace, "nothing.is.called.so");
    match stream.purge().filter(nothing).await.map_err(|error| error.kind()) {
        Err(PurgeErrorKind::JetStream(error)) => error.error_code() == ErrorCode::STREAM_GENERALOR,
        Ok(_) | Err(_) => false,
    }
}

/// Whether another stream can be written.
async fn has_room(jetstream: &jetstream::Context, namespace: &str, like: &Config) -> bool {
    let trial = Config {
        name: format!("{namespace}-trial"),
        subjects: vec![format!("{namespace}.trial")],
        storage: like.storage,
        ..Config::default()
    };
    let written = async {
        jetstream.get_or_create_stream(&trial).await?;
        let sent = jetstream.publish(format!("{namespace}.trial"), vec![0; TRIAL_BYTES].into());
        anyhow::Ok(sent.await?.await?)
    };
    let is_written = written.await.is_ok();
    // One that could not be made is not there.
    let _ = jetstream.delete_stream(&trial.name).await;
    is_written
}

/// The numbers of the old stream mean nothing in the new one.
fn from_its_beginning(mut config: consumer::Config) -> consumer::Config {
    if matches!(config.deliver_policy, DeliverPolicy::ByStartSequence { .. }) {
        config.deliver_policy = DeliverPolicy::All;
    }
    config
}
