//! Reads the stream in batches.

use std::collections::HashMap;

use async_nats::jetstream::{consumer::pull::OrderedConfig, stream::Stream};
use chrono::Duration;
use futures_util::{StreamExt as _, TryStreamExt as _};
use keyward_core::{
    App,
    domain::EventId,
    pipeline::outbox::{comparison::known, lost},
};

use super::unknown::{Unknown, UnknownMessage};
use crate::pipeline::stream;

/// The outbox keeps an event at least this much longer than the comparison expects it to.
const MARGIN: Duration = Duration::days(1);
/// Messages whose events are looked up at a time.
const BATCH: usize = 1_000;
/// Unknown messages that are read at a time.
const CONCURRENT_READS: usize = 32;

/// The sequence number of the last message of each event that is looked for.
pub(super) type Sequences = HashMap<EventId, Option<u64>>;

/// Reads the headers of all messages. Records where the events of `sequences` are, and the messages
/// whose events the outbox does not have.
pub(super) async fn read_stream(
    app: &App,
    stream: &Stream,
    sequences: &mut Sequences,
    unknown: &mut Unknown,
) -> anyhow::Result<()> {
    let info = stream.get_info().await?;
    if info.state.messages == 0 {
        return Ok(());
    }
    let name = stream::name(&app.settings.namespace);
    let accepted = lost::accepted_up_to(&mut *app.read.acquire().await?, &name).await?;
    let config = OrderedConfig { headers_only: true, ..OrderedConfig::default() };
    let mut messages = stream.create_consumer(config).await?.messages().await?;
    let mut batch = Vec::new();
    while let Some(message) = messages.next().await {
        let message = message?;
        let info = message.info().map_err(|error| anyhow::anyhow!("{error}"))?;
        let (sequence, is_last) = (info.stream_sequence, info.pending == 0);
        let event_id = stream::event_id(message.headers.as_ref());
        if let Some(known) = event_id.and_then(|id| sequences.get_mut(&id)) {
            *known = Some(sequence);
        } else if sequence <= unknown.up_to() {
            batch.push(Header { sequence, event_id });
        }
        if is_last || batch.len() == BATCH {
            find_unknown(app, stream, std::mem::take(&mut batch), accepted, unknown).await?;
        }
        if is_last {
            break;
        }
    }
    Ok(())
}

/// What the headers of a message say.
#[derive(Debug, Clone, Copy)]
struct Header {
    sequence: u64,
    event_id: Option<EventId>,
}

/// Finds the messages of a batch whose events the outbox does not have, though it goes back so far.
async fn find_unknown(
    app: &App,
    stream: &Stream,
    batch: Vec<Header>,
    accepted: i64,
    unknown: &mut Unknown,
) -> anyhow::Result<()> {
    // The outbox deletes old events; younger ones must be in it.
    let known_from = app.clock.now() - app.settings.life.events + MARGIN;
    let is_young = |id: EventId| id.made_at().is_none_or(|at| at > known_from);
    let ids: Vec<_> = batch.iter().filter_map(|header| header.event_id).collect();
    let known = known(&mut *app.read.acquire().await?, &ids).await?;
    let is_unknown =
        |header: &Header| header.event_id.is_none_or(|id| is_young(id) && !known.contains(&id));
    let (accepted, new): (Vec<_>, Vec<_>) = batch
        .into_iter()
        .filter(is_unknown)
        .partition(|header| header.sequence <= accepted.unsigned_abs());
    unknown.accepted += accepted.len() as u64;
    let mut read = futures_util::stream::iter(new)
        .map(async |header| {
            let message = stream.get_raw_message(header.sequence).await?;
            anyhow::Ok(UnknownMessage::new(header.sequence, header.event_id, &message.payload))
        })
        .buffered(CONCURRENT_READS);
    while let Some(message) = read.try_next().await? {
        unknown.add(message);
    }
    Ok(())
}
