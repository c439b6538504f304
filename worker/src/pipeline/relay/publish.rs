//! Publishes a batch of events.

use std::time::Duration;

use anyhow::anyhow;
use async_nats::{
    Client,
    connection::State,
    jetstream::{
        context::{PublishError, PublishErrorKind},
        message::PublishMessage,
    },
};
use futures_util::future::join_all;
use keyward_core::{
    infra::telemetry,
    origin::Trace,
    pipeline::outbox::{Lead, Pending},
};

use super::Relay;
use crate::pipeline::stream;

/// How often a relay that waits for acknowledgements checks the connection.
const CONNECTION_CHECK_INTERVAL: Duration = Duration::from_millis(50);

impl Relay<'_> {
    /// Sends a batch without waiting in between, then collects the acknowledgements. Returns the
    /// events that were acknowledged before the first failure, so that none overtakes it, and the
    /// failure.
    pub(super) async fn publish(
        &self,
        batch: &[Pending],
        lead: &Lead,
    ) -> (Published, anyhow::Result<()>) {
        let namespace = &self.app.settings.namespace;
        let mut acks = Vec::with_capacity(batch.len());
        let (mut published, mut result) = (Published::default(), Ok(()));
        let mut previous = None;
        for (event, sequence) in batch.iter().zip(lead.last_sequence.unsigned_abs()..) {
            let subject = stream::subject(namespace, &event.subject);
            let id = stream::message_id(event.event_id, lead.generation);
            let mut message = PublishMessage::build()
                .payload(event.envelope.clone().into())
                .message_id(&id)
                .expected_last_sequence(sequence)
                .header("traceparent", traced(event, &subject));
            if let Some(previous) = previous.replace(id) {
                message = message.expected_last_message_id(previous);
            }
            match self.jetstream.send_publish(subject, message).await {
                Ok(ack) => acks.push(ack.into_future()),
                Err(error) => {
                    result = Err(error.into());
                    break;
                }
            }
        }
        let acks = tokio::select! {
            biased;
            acks = join_all(acks) => acks,
            () = disconnected(self.nats) => {
                return (published, Err(anyhow!("the connection to NATS is lost")));
            }
        };
        for ack in acks {
            match ack {
                Ok(ack) => {
                    published.count += 1;
                    let sequence = Some(ack.sequence.cast_signed());
                    published.last_sequence = published.last_sequence.max(sequence);
                }
                Err(error) => {
                    published.is_misplaced = is_misplaced(&error);
                    result = Err(error.into());
                    break;
                }
            }
        }
        (published, result)
    }
}

/// The part of a batch that the stream has acknowledged.
#[derive(Debug, Default)]
pub(super) struct Published {
    /// Events from the beginning of the batch.
    pub(super) count: usize,
    /// The sequence number of the last message.
    pub(super) last_sequence: Option<i64>,
    /// Whether NATS refused the next event, because the stream ends with another message.
    pub(super) is_misplaced: bool,
}

fn is_misplaced(error: &PublishError) -> bool {
    matches!(
        error.kind(),
        PublishErrorKind::WrongLastMessageId | PublishErrorKind::WrongLastSequence
    )
}

/// Adds a publish span to the trace of an event. Returns the `traceparent` that continues it.
fn traced(event: &Pending, subject: &str) -> String {
    let mut trace = Trace { traceparent: event.traceparent.clone(), ..Trace::default() };
    let span = tracing::debug_span!(
        "publish",
        otel.name = %format_args!("publish {}", event.subject),
        otel.kind = "producer",
        messaging.system = "nats",
        messaging.destination.name = subject,
    );
    telemetry::join(&span, Some(&event.traceparent), &mut trace);
    trace.traceparent
}

/// Waits until the connection is lost. Acknowledgements that are missing then never arrive.
async fn disconnected(nats: &Client) {
    while nats.connection_state() == State::Connected {
        tokio::time::sleep(CONNECTION_CHECK_INTERVAL).await;
    }
}
