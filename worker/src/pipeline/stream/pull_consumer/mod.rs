//! PullConsumer of messages: how the worker reads its place in the stream.
//!
//! What is delivered to nobody is delivered again only when the stream has waited for its answer
//! ([`super::ACK_WAIT`]). So there is one inbox for all orders, which is heard as long as anything may
//! come, whatever becomes of an order. The streams of messages that `async-nats` has cannot be left
//! without such a loss, and its batches hear nothing more after the first refusal.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use async_nats::{
    Client, StatusCode, Subscriber,
    jetstream::{self, Message},
};
use futures_util::{StreamExt as _, stream::ReadyChunks};
use serde_json::json;
use tokio::time::{Instant, sleep_until, timeout};

/// Messages of one order.
const BATCH: usize = 1_024;
/// For how long an order stands: so long an idle worker takes to stop.
const EXPIRES: Duration = Duration::from_secs(1);
/// How late its end may be told.
const GRACE: Duration = Duration::from_secs(1);

/// PullConsumer at one consumer, one after the other.
pub(crate) struct PullConsumer {
    nats: Client,
    /// By which messages are answered. Each new one has a task of its own: one is enough.
    jetstream: jetstream::Context,
    /// Stream and consumer, as subjects name them.
    consumer: String,
    /// Where they are answered: in it each order has a number.
    inbox: String,
    answers: ReadyChunks<Subscriber>,
    number: u64,
    /// Messages that the latest order may still bring.
    left: usize,
    /// When it has ended, whether that was told or not.
    ends_at: Instant,
}

/// What has come.
pub(crate) struct Delivery {
    pub(crate) messages: Vec<Message>,
    /// Why the stream does not do what it is asked for.
    pub(crate) refusal: Option<anyhow::Error>,
}

impl PullConsumer {
    /// PullConsumer at a consumer of a stream, of which up to `batch` messages come at a time.
    pub(crate) async fn at(
        nats: Client,
        jetstream: jetstream::Context,
        stream: &str,
        consumer: &str,
        batch: usize,
    ) -> anyhow::Result<Self> {
        let inbox = nats.new_inbox();
        Ok(Self {
            consumer: format!("{stream}.{consumer}"),
            answers: nats.subscribe(format!("{inbox}.*")).await?.ready_chunks(batch),
            inbox,
            jetstream,
            nats,
            number: 0,
            left: 0,
            ends_at: Instant::now(),
        })
    }

    /// Whether more may come of the latest order.
    pub(crate) fn is_open(&self) -> bool {
        self.left > 0 && Instant::now() < self.ends_at
    }

    /// Places the next one; fails if NATS did not tell the end of the last one and does not answer now.
    /// An order that a server finds when it has come to itself brings what nobody hears any more.
    pub(crate) async fn place(&mut self) -> anyhow::Result<()> {
        if self.left > 0 {
            let info = format!("$JS.API.CONSUMER.INFO.{}", self.consumer);
            let answer = timeout(GRACE, self.nats.request(info, "".into())).await;
            answer.context("NATS does not answer")?.context("NATS has no stream")?;
        }
        self.number += 1;
        self.left = BATCH;
        self.ends_at = Instant::now() + EXPIRES + GRACE;
        let next = format!("$JS.API.CONSUMER.MSG.NEXT.{}", self.consumer);
        let answer_to = format!("{}.{}", self.inbox, self.number);
        let order = json!({"batch": BATCH, "expires": EXPIRES.as_nanos() as u64}).to_string();
        Ok(self.nats.publish_with_reply(next, answer_to, order.into()).await?)
    }

    /// What comes next, of whichever order; nothing, if the latest has ended.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Delivery> {
        let answers = tokio::select! {
            biased;
            answers = self.answers.next() => answers.context("the connection to NATS is closed")?,
            () = sleep_until(self.ends_at) => Vec::new(),
        };
        let mut delivery = Delivery { messages: Vec::new(), refusal: None };
        for answer in answers {
            match answer.status {
                None | Some(StatusCode::OK) => {
                    self.left = self.left.saturating_sub(1);
                    let context = self.jetstream.clone();
                    delivery.messages.push(Message { message: answer, context });
                }
                Some(StatusCode::TIMEOUT | StatusCode::NOT_FOUND) => {
                    let number = answer.subject.rsplit_once('.').map(|(_, number)| number);
                    if number == Some(&*self.number.to_string()) {
                        self.left = 0;
                    }
                }
                Some(status) => {
                    let description = answer.description.unwrap_or_default();
                    delivery.refusal = Some(anyhow!("an order was ended: {status} {description}"));
                }
            }
        }
        Ok(delivery)
    }
}

#[cfg(test)]
mod tests;
