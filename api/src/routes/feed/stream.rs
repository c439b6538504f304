//! A stream of revocations to one client.

use std::{io, time::Duration};

use futures_util::{Stream, stream};
use hyper::body::Bytes;
use keyward_core::{
    Error,
    administrator::Administrator,
    domain::ServiceToken,
    queries::{CheckServiceToken, EventCursor},
};
use tokio::{sync::watch, time::Instant};

use crate::routes::{
    feed::Place,
    queries::events::{EVENT_LOG, write_cursor},
};

/// How often a stream without messages says that it is alive, and checks whether its service token is.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// The first bytes: how long a client waits before it connects again, in milliseconds.
const START: &str = "retry: 1000\n\n";

/// The client of a stream.
pub(crate) struct Client {
    place: Place,
    by: Administrator,
    token: ServiceToken,
    cursor: EventCursor,
    /// What to send first.
    start: Option<Bytes>,
    changes: watch::Receiver<()>,
    heartbeat_at: Instant,
}

/// Follows the revocations behind a cursor.
///
/// # Errors
///
/// If the cursor is not known, or Postgres is unavailable.
pub(crate) async fn follow(
    place: Place,
    by: Administrator,
    token: ServiceToken,
    cursor: Option<EventCursor>,
) -> Result<impl Stream<Item = io::Result<Bytes>> + Send + use<>, Error> {
    let changes = place.changes();
    let first = place.after(by, cursor).await?;
    let start = Some([START.as_bytes(), &first.text].concat().into());
    let heartbeat_at = Instant::now() + HEARTBEAT;
    let client = Client { place, by, token, cursor: first.to, start, changes, heartbeat_at };
    Ok(stream::unfold(client, |mut client: Client| async move {
        let text = client.next().await?;
        Some((Ok(text), client))
    }))
}

impl Client {
    /// The next bytes. `None` ends the stream; the client connects again, and is answered why.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(start) = self.start.take() {
            return Some(start);
        }
        while !self.place.stop().is_cancelled() {
            self.changes.borrow_and_update();
            let batch = self.place.after(self.by, Some(self.cursor)).await.ok()?;
            if batch.concerns(self.token.id) && !self.is_allowed().await {
                return None;
            }
            let has_moved = batch.to > self.cursor;
            self.cursor = batch.to;
            let is_due = Instant::now() >= self.heartbeat_at;
            if is_due {
                self.heartbeat_at = Instant::now() + HEARTBEAT;
                if !self.is_allowed().await {
                    return None;
                }
            }
            match (batch.text.is_empty(), is_due) {
                (false, _) => return Some(batch.text),
                // An id without data moves the place where the client continues.
                (true, true) => {
                    let id = write_cursor(self.place.app(), EVENT_LOG, self.cursor);
                    return Some(format!(": alive\nid: {id}\n\n").into());
                }
                (true, false) if has_moved => {}
                (true, false) => tokio::select! {
                    () = self.place.stop().cancelled() => {}
                    changed = self.changes.changed() => changed.ok()?,
                    () = tokio::time::sleep_until(self.heartbeat_at) => {}
                },
            }
        }
        None
    }

    /// Whether the service token is still valid. While Postgres is unavailable there is nothing to send.
    async fn is_allowed(&self) -> bool {
        let checked = self.place.app().fetch(CheckServiceToken(self.token.clone())).await;
        !matches!(checked, Err(Error::Refused(_)))
    }
}
