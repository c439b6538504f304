//! Follows the revocations for all streams of a process.
//!
//! One task polls Postgres, in the order of the event log, while there is a stream. A commit of this or
//! another process wakes it; without NATS it polls four times a second. A stream takes what it has not
//! sent from memory. One that is further behind reads the event log itself.

mod recent;
pub(crate) mod stream;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use keyward_core::{
    App, Error, Refusal,
    administrator::Administrator,
    domain::ServiceTokenId,
    queries::{EventCursor, EventLog, ListEvents},
};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

pub(crate) use recent::Message;
use recent::{Batch, Recent};

/// How often to poll if nothing wakes the task.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// Shortest time between two polls.
const MIN_INTERVAL: Duration = Duration::from_millis(20);
/// Events that are read at a time.
const PAGE: i64 = 100;
/// Most streams of a process. Each holds a connection.
const MAX_STREAMS: usize = 200;
/// Most streams of a service token.
const MAX_STREAMS_OF_TOKEN: usize = 10;
/// What a client should wait when there are too many streams.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The revocations of this process. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Feed(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    app: App,
    /// `None` while there is no stream that has read the whole log.
    recent: Mutex<Option<Recent>>,
    changed: watch::Sender<()>,
    wake: Notify,
    streams: Mutex<HashMap<ServiceTokenId, usize>>,
    stop: CancellationToken,
}

/// The place of a stream among those of the process.
#[derive(Debug)]
pub(crate) struct Place {
    feed: Feed,
    token: ServiceTokenId,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Feed {
    /// A feed whose streams end when `stop` is cancelled.
    pub(crate) fn new(app: App, stop: CancellationToken) -> Self {
        Self(Arc::new(Shared {
            app,
            recent: Mutex::default(),
            changed: watch::Sender::default(),
            wake: Notify::new(),
            streams: Mutex::default(),
            stop,
        }))
    }

    /// Polls until it is dropped.
    pub(crate) async fn run(self) {
        loop {
            let is_followed = lock(&self.0.recent).is_some();
            let woken = self.0.wake.notified();
            if is_followed {
                let _ = tokio::time::timeout(POLL_INTERVAL, woken).await;
            } else {
                woken.await;
            }
            self.poll().await;
            tokio::time::sleep(MIN_INTERVAL).await;
        }
    }

    /// Polls soon, because an event may have been committed.
    pub(crate) fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// Takes a place for a stream of a service token.
    ///
    /// # Errors
    ///
    /// [`Refusal::Busy`] if the token or the process has too many streams.
    pub(crate) fn open(&self, token: ServiceTokenId) -> Result<Place, Refusal> {
        let mut streams = lock(&self.0.streams);
        let is_full = streams.values().sum::<usize>() >= MAX_STREAMS;
        let own = streams.entry(token).or_default();
        if is_full || *own >= MAX_STREAMS_OF_TOKEN {
            return Err(Refusal::Busy(RETRY_AFTER));
        }
        *own += 1;
        Ok(Place { feed: self.clone(), token })
    }

    /// Reads all events that have followed since the last poll.
    async fn poll(&self) {
        loop {
            let Some(after) = lock(&self.0.recent).as_ref().map(|recent| recent.to) else { return };
            let subjects = Message::REVOCATIONS.iter().chain(Message::OF_TOKENS);
            let read = self.read(Administrator::CommandLine, Some(after), subjects).await;
            let mut recent = lock(&self.0.recent);
            let Some(current) = recent.as_mut().filter(|recent| recent.to == after) else { return };
            let has_more = match read {
                Ok(log) => {
                    let has_more = is_full(&log);
                    let messages =
                        log.events.into_iter().map(|event| Message::of(&self.0.app, event));
                    current.push(messages.collect(), log.cursor);
                    has_more
                }
                // The cursor is unknown: the database was restored. Each stream finds out itself.
                Err(Error::Refused(_)) => {
                    *recent = None;
                    false
                }
                Err(_) => return,
            };
            drop(recent);
            self.0.changed.send_replace(());
            if !has_more {
                return;
            }
        }
    }

    /// Reads a page of the event log.
    async fn read(
        &self,
        by: Administrator,
        after: Option<EventCursor>,
        subjects: impl Iterator<Item = &&'static str>,
    ) -> Result<EventLog, Error> {
        let subjects = Some(subjects.map(|subject| (*subject).to_owned()).collect());
        self.0.app.fetch(ListEvents { by, after, subjects, limit: PAGE }).await
    }
}

/// Whether more events may follow a page.
fn is_full(log: &EventLog) -> bool {
    i64::try_from(log.events.len()).is_ok_and(|count| count >= PAGE)
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut streams = lock(&self.feed.0.streams);
        if let Some(own) = streams.get_mut(&self.token) {
            *own -= 1;
        }
        streams.retain(|_, count| *count > 0);
        if streams.is_empty() {
            *lock(&self.feed.0.recent) = None;
        }
    }
}

impl Place {
    /// The messages behind a cursor: from memory, or from the event log.
    ///
    /// # Errors
    ///
    /// As [`ListEvents`].
    pub(crate) async fn after(
        &self,
        by: Administrator,
        cursor: Option<EventCursor>,
    ) -> Result<Batch, Error> {
        let shared = &self.feed.0;
        let known = cursor.and_then(|cursor| lock(&shared.recent).as_ref()?.after(cursor));
        if let Some(batch) = known {
            return Ok(batch);
        }
        let log = self.feed.read(by, cursor, Message::REVOCATIONS.iter()).await?;
        if !is_full(&log) {
            lock(&shared.recent).get_or_insert_with(|| Recent::begin(log.cursor));
            shared.wake.notify_one();
        }
        let to = log.cursor;
        let messages: Vec<_> =
            log.events.into_iter().map(|event| Message::of(&shared.app, event)).collect();
        Ok(Batch::new(messages.iter(), to))
    }

    /// Is notified when more messages are in memory.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.feed.0.changed.subscribe()
    }

    /// Is cancelled when the process stops.
    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.feed.0.stop
    }

    /// The application.
    pub(crate) fn app(&self) -> &App {
        &self.feed.0.app
    }
}
