//! Compares the stream with its record in Postgres.
//!
//! A leader that was killed may have published events that it did not mark. They are marked before
//! anything else is published: otherwise a batch would contain them a second time, and NATS, which
//! acknowledges a duplicate wherever the stream ends, could take an event that follows them and refuse
//! one between them.

use anyhow::Context as _;
use async_nats::jetstream::stream::RawMessageErrorKind;
use futures_util::future::join_all;
use keyward_core::pipeline::outbox::{
    Lead, comparison,
    stream::{Recognition, begin_generation, publish_again, recognise},
};
use sqlx::PgConnection;

use super::{BATCH, Relay};
use crate::pipeline::stream;

impl Relay<'_> {
    /// Compares the stream with its record. Begins another generation if it has lost messages, and
    /// marks the events of messages that are not recorded. Returns whether the record has changed.
    pub(super) async fn compare(
        &mut self,
        sql: &mut PgConnection,
        lead: &Lead,
    ) -> anyhow::Result<bool> {
        let info = self.stream.get_info().await.context("the stream is missing")?;
        stream::ensure_leader(&info)?;
        let seen = stream::seen(&info);
        let recognition = recognise(sql, &seen).await?;
        let last = match recognition {
            Recognition::Whole => return Ok(false),
            Recognition::Grown { from, to } => {
                self.record(sql, lead, from, to.min(from + BATCH)).await?;
                return Ok(true);
            }
            Recognition::Replaced => None,
            Recognition::Shortened { .. } => {
                let last = self.stream.get_raw_message(info.state.last_sequence).await;
                last.ok().and_then(|last| stream::event_id(Some(&last.headers)))
            }
        };
        let is_refilled = begin_generation(sql, &seen, last).await?;
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
        Ok(true)
    }

    /// Marks the events of the messages after `from`, up to `to`. If an event was never committed here,
    /// the database was restored: the worker has acknowledged events that are pending again, so they
    /// are published again.
    async fn record(
        &mut self,
        sql: &mut PgConnection,
        lead: &Lead,
        from: i64,
        to: i64,
    ) -> anyhow::Result<()> {
        let messages =
            (from + 1..=to).map(|sequence| self.stream.get_raw_message(sequence.unsigned_abs()));
        let mut found = Vec::new();
        for message in join_all(messages).await {
            match message {
                Ok(message) => found.extend(stream::published(Some(&message.headers))),
                Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        let of_this_generation =
            found.iter().filter(|(_, generation)| *generation == lead.generation.max(1));
        self.published.extend(of_this_generation.map(|(id, _)| *id));
        self.mark(sql, lead, Some(to)).await?;
        let ids: Vec<_> = found.iter().map(|(id, _)| *id).collect();
        let known = comparison::known(sql, &ids).await?;
        if ids.iter().any(|id| !known.contains(id)) {
            tracing::warn!(
                "the stream has events that this database never committed: if it was restored from \
                 a backup, follow docs/operate/backups.md; pending events are published again"
            );
            let used = found.iter().map(|(_, generation)| *generation).max().unwrap_or_default();
            publish_again(sql, &self.name, used).await?;
        }
        Ok(())
    }
}
