//! Compares outbox and stream as sets.
//!
//! Every committed event is in one of these states. The states in bold are gaps.
//!
//! | outbox | stream | state |
//! |---|---|---|
//! | pending, not published to the stream as it is now | | waiting |
//! | pending and published | there, not acknowledged by the worker | in progress |
//! | pending and parked | | parked: a release that can read it takes it up |
//! | not pending, with all its jobs | | settled |
//! | pending and published | not there | **lost** |
//! | pending and published | there, acknowledged by the worker | **skipped** |
//! | not pending, but a job is missing | | **without its job** |
//! | not pending, but of a type or with a member that this release does not know | | unreadable |
//! | not there, though the outbox goes back so far | there | **unknown**: no commit made it; see [`unknown`] |
//!
//! Can run at any time while everything is running: what is read first can only move to a later state.
//! Both sides are read in batches, so memory grows with what is pending or wrong only.

mod messages;
pub mod unknown;

use std::collections::HashSet;

use anyhow::Context as _;
use async_nats::jetstream;
use keyward_core::{
    App,
    domain::EventId,
    pipeline::outbox::{
        self,
        comparison::{EventProgress, OutboxEntry, entries},
    },
};
use messages::{Sequences, read_stream};
use unknown::Unknown;

use crate::{
    pipeline::{reactions::jobs_for, stream},
    queue::{self, NewJob},
};

/// Events that are compared at a time.
const PAGE: i64 = 1_000;

/// The result of a comparison.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Events that are not published yet.
    pub waiting: u64,
    /// Events that the worker has not acknowledged yet.
    pub in_progress: u64,
    /// Events that have all their jobs.
    pub settled: u64,
    /// Events that wait for a release that can read them.
    pub parked: u64,
    /// Events that a later release has received: this one does not know which jobs they need.
    pub unreadable: u64,
    /// Published, without an effect, and not in the stream.
    pub lost: Vec<EventName>,
    /// Acknowledged by the worker, without an effect.
    pub skipped: Vec<EventName>,
    /// Received, but without a job of this kind.
    pub without_job: Vec<(EventName, &'static str)>,
    /// In the stream, but not committed.
    pub unknown: Unknown,
    missing_jobs: Vec<NewJob>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventName {
    /// Its identity.
    pub event_id: EventId,
    /// Its type on the wire.
    pub subject: String,
}

impl std::fmt::Display for EventName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.event_id, self.subject)
    }
}

impl Comparison {
    /// The number of gaps.
    #[must_use]
    pub fn gaps(&self) -> usize {
        self.lost.len() + self.skipped.len() + self.without_job.len() + self.unknown.count()
    }

    /// Publishes lost and skipped events again and inserts missing jobs. Unknown events are left.
    ///
    /// # Errors
    ///
    /// If Postgres is unreachable; then nothing has changed.
    pub async fn repair(&self, app: &App) -> anyhow::Result<()> {
        let mut tx = app.write.begin().await?;
        if self.lost.len() + self.skipped.len() > 0 {
            let stream = stream::name(&app.settings.namespace);
            outbox::stream::publish_again(&mut tx, &stream, 0).await?;
        }
        queue::enqueue(&mut tx, &self.missing_jobs).await?;
        tx.commit().await?;
        app.committed.notify_one();
        Ok(())
    }

    /// Classifies a published event without an effect.
    fn judge(&mut self, entry: &OutboxEntry, sequence: Option<u64>, acknowledged: u64) {
        match sequence {
            Some(sequence) if sequence > acknowledged => self.in_progress += 1,
            Some(_) => self.skipped.push(EventName::of(entry)),
            None => self.lost.push(EventName::of(entry)),
        }
    }
}

impl EventName {
    fn of(entry: &OutboxEntry) -> Self {
        Self { event_id: entry.event_id, subject: entry.subject.clone() }
    }
}

/// Compares outbox and stream. Names up to `limit` unknown events; counts all of them.
///
/// # Errors
///
/// If Postgres or NATS is unreachable.
pub async fn compare(
    app: &App,
    nats: &async_nats::Client,
    limit: usize,
) -> anyhow::Result<Comparison> {
    // The ends of the stream are read first, its messages last.
    let jetstream = jetstream::new(nats.clone());
    let stream = stream::open(&jetstream, &app.settings).await;
    let stream = stream.context("the stream cannot be opened")?;
    let mut consumer =
        stream::create_consumer(&stream).await.context("the consumer cannot be opened")?;
    let acknowledged = consumer.info().await?.ack_floor.stream_sequence;
    let last = stream.get_info().await?.state.last_sequence;

    let mut found = Comparison { unknown: Unknown::new(limit, last), ..Comparison::default() };
    let open = read_outbox(app, &mut found).await?;
    let mut sequences: Sequences = open.iter().map(|entry| (entry.event_id, None)).collect();
    read_stream(app, &stream, &mut sequences, &mut found.unknown).await?;
    for entry in &open {
        found.judge(entry, sequences[&entry.event_id], acknowledged);
    }
    Ok(found)
}

/// Reads the outbox. Returns the events that are published and have no effect.
async fn read_outbox(app: &App, found: &mut Comparison) -> anyhow::Result<Vec<OutboxEntry>> {
    let mut open = Vec::new();
    let stream = stream::name(&app.settings.namespace);
    let mut after = 0;
    loop {
        let mut sql = app.read.acquire().await?;
        let page = entries(&mut sql, &stream, after, PAGE).await?;
        drop(sql);
        let Some(last) = page.last() else { return Ok(open) };
        after = last.position;
        let mut received = Vec::new();
        for entry in page {
            match entry.progress {
                EventProgress::Waiting => found.waiting += 1,
                EventProgress::Published => open.push(entry),
                EventProgress::Parked => found.parked += 1,
                EventProgress::Received => received.push(entry),
            }
        }
        find_missing_jobs(app, &received, found).await?;
    }
}

/// Finds received events whose jobs are missing.
async fn find_missing_jobs(
    app: &App,
    received: &[OutboxEntry],
    found: &mut Comparison,
) -> anyhow::Result<()> {
    let mut wanted = Vec::new();
    let mut unreadable = 0;
    for entry in received {
        match entry.envelope() {
            Ok(envelope) => wanted.extend(jobs_for(&envelope)?.into_iter().map(|job| (entry, job))),
            Err(_) => unreadable += 1,
        }
    }
    let jobs: Vec<_> = wanted.iter().map(|(_, job)| job).collect();
    let existing = queue::existing(&app.write, &jobs).await?;
    let mut incomplete = HashSet::new();
    for (entry, job) in wanted {
        if !existing.contains(&(job.queue.to_owned(), job.idempotency_key.clone())) {
            incomplete.insert(entry.event_id);
            found.without_job.push((EventName::of(entry), job.kind));
            found.missing_jobs.push(job);
        }
    }
    found.settled += (received.len() - incomplete.len()) as u64 - unreadable;
    found.unreadable += unreadable;
    Ok(())
}
