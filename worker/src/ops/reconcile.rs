//! Outbox, stream and inbox, compared as sets.
//!
//! Everything that was committed is in one of these states; what is in none of the good ones is a
//! gap, and named:
//!
//! | outbox | stream | inbox | what it is |
//! |---|---|---|---|
//! | not published | | | waits |
//! | published | there, not acknowledged by the worker | no | under way |
//! | any | any | yes, with all its jobs | had its effect |
//! | published | any | no, but among the dead letters | dead: a person decides |
//! | published | not there | no | **lost** |
//! | published | there, acknowledged by the worker | no | **skipped** |
//! | any | any | yes, but a job is missing | **without its job** |
//! | not there, though the outbox goes back so far | there | any | **unknown**: no commit made it |
//!
//! It can be done at any time, with everything running: what is read first can only move on to a
//! later state.

use std::collections::{HashMap, HashSet};

use anyhow::Context as _;
use async_nats::jetstream::{self, consumer::pull::OrderedConfig, stream::Stream};
use chrono::Duration;
use futures_util::StreamExt as _;
use keyward_core::{
    App,
    domain::EventId,
    pipeline::outbox::{
        self,
        comparison::{Entry, entries},
    },
};

use crate::{jobs::QueuedTicket, pipeline::stream, queue};

/// Events that are compared at a time.
const PAGE: i64 = 1_000;

/// Events are forgotten no earlier than a day after this could be said of them.
const MARGIN: Duration = Duration::days(1);

/// What a comparison has found.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Events that wait to be published.
    pub waiting: u64,
    /// Events on their way to the inbox.
    pub under_way: u64,
    /// Events that had their effect.
    pub settled: u64,
    /// Events that the worker could not read.
    pub dead: u64,
    /// Published, and neither in the stream nor in the inbox.
    pub lost: Vec<Named>,
    /// Acknowledged by the worker, and not in the inbox.
    pub skipped: Vec<Named>,
    /// In the inbox, but this job of theirs was never made.
    pub without_job: Vec<(Named, &'static str)>,
    /// In the stream, and made by no commit.
    pub unknown: Vec<String>,
    tickets: Vec<QueuedTicket>,
}

/// An event by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its identity.
    pub event_id: EventId,
    /// What it is called on the wire.
    pub subject: String,
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.event_id, self.subject)
    }
}

impl Comparison {
    /// How many events are in no good state.
    #[must_use]
    pub fn gaps(&self) -> usize {
        self.lost.len() + self.skipped.len() + self.without_job.len() + self.unknown.len()
    }

    /// Closes the gaps that can be closed: what was lost or skipped is published again, and jobs
    /// that are missing are made. Returns how many gaps are left: of those nobody knows what they
    /// are.
    ///
    /// # Errors
    ///
    /// If Postgres is away; then nothing was done.
    pub async fn repair(&self, app: &App) -> anyhow::Result<usize> {
        let again: Vec<_> = self.lost.iter().chain(&self.skipped).map(|one| one.event_id).collect();
        let mut tx = app.write.begin().await?;
        outbox::stream::publish_again(&mut tx, &again).await?;
        queue::enqueue(&mut tx, &self.tickets).await?;
        tx.commit().await?;
        app.committed.notify_one();
        Ok(self.unknown.len())
    }

    /// Judges an event that was published and has had no effect.
    fn judge(&mut self, entry: &Entry, place: Option<u64>, acknowledged: u64) {
        match place {
            Some(sequence) if sequence > acknowledged => self.under_way += 1,
            Some(_) => self.skipped.push(Named::of(entry)),
            None => self.lost.push(Named::of(entry)),
        }
    }
}

impl Named {
    fn of(entry: &Entry) -> Self {
        Self { event_id: entry.event_id, subject: entry.subject.clone() }
    }
}

/// Compares.
///
/// # Errors
///
/// If Postgres or NATS is away, or an event of the outbox cannot be read.
pub async fn compare(app: &App, nats: &async_nats::Client) -> anyhow::Result<Comparison> {
    // What can be said of the ends of the stream is asked first, its messages are read last.
    let jetstream = jetstream::new(nats.clone());
    let stream = stream::open(&jetstream, &app.settings.namespace).await;
    let stream = stream.context("the stream cannot be opened")?;
    let mut consumer =
        stream::create_consumer(&stream).await.context("the consumer cannot be opened")?;
    let acknowledged = consumer.info().await?.ack_floor.stream_sequence;
    let last = stream.get_info().await?.state.last_sequence;

    let mut found = Comparison::default();
    let outbox = read_outbox(app, &mut found).await?;
    let stream = read_stream(&stream, last).await?;

    for entry in &outbox.open {
        found.judge(entry, stream.places.get(&entry.event_id).copied(), acknowledged);
    }
    // The outbox forgets what is old; what is younger must be in it.
    let known_from = app.clock.now() - crate::RETENTION + MARGIN;
    let is_young = |id: &EventId| id.made_at().is_none_or(|at| at > known_from);
    let unknown = stream
        .places
        .iter()
        .filter(|(id, place)| **place <= last && !outbox.known.contains(*id) && is_young(id));
    found.unknown = unknown.map(|(id, _)| id.to_string()).chain(stream.nameless).collect();
    Ok(found)
}

/// What the outbox holds.
struct Outbox {
    /// All of it.
    known: HashSet<EventId>,
    /// Published, without an effect, and no dead letters.
    open: Vec<Entry>,
}

async fn read_outbox(app: &App, found: &mut Comparison) -> anyhow::Result<Outbox> {
    let mut outbox = Outbox { known: HashSet::new(), open: Vec::new() };
    let mut after = 0;
    loop {
        let mut sql = app.read.acquire().await?;
        let page = entries(&mut sql, after, PAGE).await?;
        drop(sql);
        let Some(last) = page.last() else { return Ok(outbox) };
        after = last.position;
        let mut received = Vec::new();
        for entry in page {
            outbox.known.insert(entry.event_id);
            if entry.is_received {
                received.push(entry);
            } else if entry.is_dead {
                found.dead += 1;
            } else if entry.published_at.is_none() {
                found.waiting += 1;
            } else {
                outbox.open.push(entry);
            }
        }
        look_for_jobs(app, &received, found).await?;
    }
}

/// Sorts events that were received into those that have all their jobs and those that have not.
async fn look_for_jobs(
    app: &App,
    received: &[Entry],
    found: &mut Comparison,
) -> anyhow::Result<()> {
    let mut wanted = Vec::new();
    for entry in received {
        let envelope = entry.envelope()?;
        wanted.extend(QueuedTicket::all(&envelope).into_iter().map(|ticket| (entry, ticket)));
    }
    let tickets: Vec<_> = wanted.iter().map(|(_, ticket)| ticket).collect();
    let there = queue::existing(&app.write, &tickets).await?;
    let mut incomplete = HashSet::new();
    for (entry, ticket) in wanted {
        if !there.contains(&(ticket.queue.to_owned(), ticket.idempotency_key.clone())) {
            incomplete.insert(entry.event_id);
            found.without_job.push((Named::of(entry), ticket.queue));
            found.tickets.push(ticket);
        }
    }
    found.settled += (received.len() - incomplete.len()) as u64;
    Ok(())
}

/// What the stream holds.
#[derive(Default)]
struct Messages {
    /// Events, with the place of the last message of each.
    places: HashMap<EventId, u64>,
    /// Messages that name no event.
    nameless: Vec<String>,
}

/// Reads the ids of all messages up to the last one.
async fn read_stream(stream: &Stream, last: u64) -> anyhow::Result<Messages> {
    let mut found = Messages::default();
    if stream.get_info().await?.state.messages == 0 {
        return Ok(found);
    }
    let config = OrderedConfig { headers_only: true, ..OrderedConfig::default() };
    let mut messages = stream.create_consumer(config).await?.messages().await?;
    while let Some(message) = messages.next().await {
        let message = message?;
        let info = message.info().map_err(|error| anyhow::anyhow!("{error}"))?;
        let (sequence, pending) = (info.stream_sequence, info.pending);
        match stream::event_id(&message) {
            Some(id) => _ = found.places.insert(id, sequence),
            None if sequence <= last => found.nameless.push(format!("message {sequence}")),
            None => {}
        }
        if pending == 0 {
            break;
        }
    }
    Ok(found)
}
