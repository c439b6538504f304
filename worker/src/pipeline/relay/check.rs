//! Whether the stream is the one that events were published to.

use anyhow::Context as _;
use async_nats::jetstream::stream::RawMessageErrorKind;
use futures_util::future::join_all;
use keyward_core::pipeline::outbox::{
    self,
    stream::{Recognition, recognise},
};
use sqlx::PgConnection;

use super::Relay;
use crate::pipeline::stream;

/// Messages at the end of a stream that has grown, among which the relay looks for events that were
/// never committed here.
const GROWN_SAMPLE: i64 = 100;

impl Relay<'_> {
    /// Looks for events that were never committed here among the unrecorded messages of the stream. If
    /// there are some, the database was restored: the worker has acknowledged events that are pending
    /// again, so they are published again.
    async fn look_for_lost(
        &self,
        sql: &mut PgConnection,
        from: i64,
        to: i64,
    ) -> anyhow::Result<()> {
        let sample = (from.max(to - GROWN_SAMPLE) + 1..=to)
            .map(|sequence| self.stream.get_raw_message(sequence.unsigned_abs()));
        let (mut ids, mut used) = (Vec::new(), 0);
        for message in join_all(sample).await {
            let headers = match message {
                Ok(message) => message.headers,
                Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => continue,
                // The record stays, so another batch looks again.
                Err(error) => return Err(error.into()),
            };
            ids.extend(stream::event_id(Some(&headers)));
            used = stream::generation(&headers).max(used);
        }
        let known = outbox::comparison::known(sql, &ids).await?;
        if ids.iter().all(|id| known.contains(id)) {
            return Ok(());
        }
        tracing::warn!(
            "the stream has events that this database never committed: if it was restored from a \
             backup, follow docs/operate/backups.md; pending events are published again"
        );
        Ok(outbox::stream::publish_again(sql, &self.name, used).await?)
    }

    /// Compares the stream with its record. Begins another generation if it has lost messages.
    pub(super) async fn compare(&mut self, sql: &mut PgConnection) -> anyhow::Result<()> {
        let info = self.stream.get_info().await.context("the stream is missing")?;
        let seen = stream::seen(&info);
        let recognition = recognise(sql, &seen).await?;
        let last = match recognition {
            Recognition::Whole => return Ok(()),
            Recognition::Grown { from, to } => return self.look_for_lost(sql, from, to).await,
            Recognition::Replaced => None,
            Recognition::Shortened { .. } => {
                let last = self.stream.get_raw_message(info.state.last_sequence).await;
                last.ok().and_then(|last| stream::event_id(Some(&last.headers)))
            }
        };
        let is_refilled = outbox::stream::begin_generation(sql, &seen, last).await?;
        match recognition {
            Recognition::Shortened { from, to } => tracing::warn!(
                stream.known = from,
                stream.last = to,
                "the stream ends at {to} and had acknowledged {from}: missing events are published \
                 again"
            ),
            _ if is_refilled => tracing::warn!(
                "the stream is a new one: all events in the outbox are published again"
            ),
            _ => {}
        }
        Ok(())
    }
}
