//! Reads the stream in batches.
//!
//! A message that is delivered to a closed inbox is delivered again only after [`super::ACK_WAIT`]. So
//! all requests share one inbox, which is read as long as anything may arrive, whatever becomes of a
//! request. The message streams of `async-nats` cannot be closed without such a delay, and its
//! batches stop at the first error status.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use async_nats::{
    Client, StatusCode, Subscriber,
    jetstream::{self, Message},
};
use futures_util::{StreamExt as _, stream::ReadyChunks};
use serde_json::json;
use tokio::time::{Instant, sleep_until, timeout};

/// Messages of one request.
const BATCH: usize = 1_024;
/// How long the server keeps a request open. An idle worker takes as long to stop.
const EXPIRES: Duration = Duration::from_secs(1);
/// How late the end of a request may be reported.
const GRACE: Duration = Duration::from_secs(1);

/// A consumer with at most one open request.
pub(crate) struct PullConsumer {
    nats: Client,
    /// Acknowledges messages. Each context has a task of its own, so all messages share one.
    jetstream: jetstream::Context,
    /// Stream and consumer, as subjects name them.
    name: String,
    /// Subject of the replies; each request appends its number.
    inbox: String,
    replies: ReadyChunks<Subscriber>,
    number: u64,
    /// Messages that the latest request may still deliver.
    remaining: usize,
    /// When the latest request has ended, whether the server reported it or not.
    ends_at: Instant,
}

/// The messages that arrived together.
pub(crate) struct Delivery {
    pub(crate) messages: Vec<Message>,
    /// Why the server ended the request early.
    pub(crate) refusal: Option<anyhow::Error>,
}

impl PullConsumer {
    /// Subscribes to the replies of a consumer. A [`Delivery`] has at most `batch` messages.
    pub(crate) async fn new(
        nats: Client,
        jetstream: jetstream::Context,
        stream: &str,
        consumer: &str,
        batch: usize,
    ) -> anyhow::Result<Self> {
        let inbox = nats.new_inbox();
        Ok(Self {
            name: format!("{stream}.{consumer}"),
            replies: nats.subscribe(format!("{inbox}.*")).await?.ready_chunks(batch),
            inbox,
            jetstream,
            nats,
            number: 0,
            remaining: 0,
            ends_at: Instant::now(),
        })
    }

    /// Whether the latest request may deliver more messages.
    pub(crate) fn is_open(&self) -> bool {
        self.remaining > 0 && Instant::now() < self.ends_at
    }

    /// Requests the next batch. Fails if the server did not report the end of the last request and
    /// does not answer now: it would process the request when it recovers, and deliver messages to an
    /// inbox that is closed by then.
    pub(crate) async fn request_batch(&mut self) -> anyhow::Result<()> {
        if self.remaining > 0 {
            let info = format!("$JS.API.CONSUMER.INFO.{}", self.name);
            let answer = timeout(GRACE, self.nats.request(info, "".into())).await;
            answer.context("NATS does not answer")?.context("NATS has no stream")?;
        }
        self.number += 1;
        self.remaining = BATCH;
        self.ends_at = Instant::now() + EXPIRES + GRACE;
        let next = format!("$JS.API.CONSUMER.MSG.NEXT.{}", self.name);
        let reply_to = format!("{}.{}", self.inbox, self.number);
        let request = json!({"batch": BATCH, "expires": EXPIRES.as_nanos() as u64}).to_string();
        Ok(self.nats.publish_with_reply(next, reply_to, request.into()).await?)
    }

    /// Waits for the next messages, of any request. Empty if the latest request has ended.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Delivery> {
        let replies = tokio::select! {
            biased;
            replies = self.replies.next() => replies.context("the connection to NATS is closed")?,
            () = sleep_until(self.ends_at) => Vec::new(),
        };
        let mut delivery = Delivery { messages: Vec::new(), refusal: None };
        for message in replies {
            match message.status {
                None | Some(StatusCode::OK) => {
                    self.remaining = self.remaining.saturating_sub(1);
                    let context = self.jetstream.clone();
                    delivery.messages.push(Message { message, context });
                }
                Some(StatusCode::TIMEOUT | StatusCode::NOT_FOUND) => {
                    let number = message.subject.rsplit_once('.').map(|(_, number)| number);
                    if number == Some(&*self.number.to_string()) {
                        self.remaining = 0;
                    }
                }
                Some(status) => {
                    let description = message.description.unwrap_or_default();
                    delivery.refusal =
                        Some(anyhow!("NATS ended a request: {status} {description}"));
                }
            }
        }
        Ok(delivery)
    }
}

#[cfg(test)]
mod tests;
