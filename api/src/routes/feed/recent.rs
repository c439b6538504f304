//! The latest revocations, which all streams of a process share.

use std::collections::VecDeque;

use hyper::body::Bytes;
use keyward_core::{
    App,
    domain::ServiceTokenId,
    queries::{EventCursor, LoggedEvent},
};
use poem_openapi::types::ToJSON as _;

use crate::routes::queries::events::{EVENT_LOG, PublicEvent, write_cursor};

/// Messages to keep, about 400 bytes each.
const MAX_MESSAGES: usize = 10_000;
/// Messages in a batch.
const BATCH: usize = 100;

/// An event as a stream has it.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    cursor: EventCursor,
    /// Empty if the event is no revocation.
    text: Bytes,
    /// The service token that the event is about: its streams check whether it is still valid.
    concerns: Option<ServiceTokenId>,
}

/// Messages behind a cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    /// The messages in one piece.
    pub(crate) text: Bytes,
    /// The cursor behind them.
    pub(crate) to: EventCursor,
    concerns: Vec<ServiceTokenId>,
}

/// All messages behind one cursor, up to another.
#[derive(Debug)]
pub(crate) struct Recent {
    from: EventCursor,
    /// The cursor behind the last message.
    pub(crate) to: EventCursor,
    messages: VecDeque<Message>,
}

impl Message {
    /// The types of events that are revocations.
    pub(crate) const REVOCATIONS: &[&str] =
        &["session.ended", "user.deleted", "user.disabled", "user.role_changed"];
    /// The types of events that can invalidate the service token of a stream.
    pub(crate) const OF_TOKENS: &[&str] = &["service_token.revoked", "service_token.rotated"];

    /// The message of an event (WHATWG HTML, section 9.2.6).
    pub(crate) fn of(app: &App, event: LoggedEvent) -> Self {
        let cursor = event.cursor();
        if Self::OF_TOKENS.contains(&event.subject.as_str()) {
            let id = event.data["service_token_id"].as_str().and_then(|id| id.parse().ok());
            return Self { cursor, text: Bytes::new(), concerns: id.map(ServiceTokenId) };
        }
        let (id, subject) = (write_cursor(app, EVENT_LOG, cursor), event.subject.clone());
        let data = PublicEvent::from(event).to_json_string();
        let text = format!("id: {id}\nevent: {subject}\ndata: {data}\n\n").into();
        Self { cursor, text, concerns: None }
    }
}

impl Batch {
    /// Messages in one piece.
    pub(crate) fn new<'a>(
        messages: impl Iterator<Item = &'a Message> + Clone,
        to: EventCursor,
    ) -> Self {
        let texts: Vec<&[u8]> = messages.clone().map(|message| &message.text[..]).collect();
        Self {
            text: texts.concat().into(),
            to,
            concerns: messages.filter_map(|message| message.concerns).collect(),
        }
    }

    /// Whether one of the events can invalidate a service token.
    pub(crate) fn concerns(&self, token: ServiceTokenId) -> bool {
        self.concerns.contains(&token)
    }
}

impl Recent {
    /// Nothing so far, from a cursor on.
    pub(crate) fn begin(at: EventCursor) -> Self {
        Self { from: at, to: at, messages: VecDeque::new() }
    }

    /// Adds the messages that follow, and forgets the oldest ones.
    pub(crate) fn push(&mut self, messages: Vec<Message>, to: EventCursor) {
        self.messages.extend(messages);
        self.to = self.to.max(to);
        while self.messages.len() > MAX_MESSAGES {
            self.from = self.messages.pop_front().map_or(self.from, |message| message.cursor);
        }
    }

    /// The next messages behind a cursor. `None` if some of them are forgotten.
    pub(crate) fn after(&self, cursor: EventCursor) -> Option<Batch> {
        if cursor < self.from {
            return None;
        }
        let known = self.messages.partition_point(|message| message.cursor <= cursor);
        let messages = self.messages.iter().skip(known).take(BATCH);
        let last = self.messages.get(known + BATCH - 1);
        let to = last.map_or(self.to.max(cursor), |message| message.cursor);
        Some(Batch::new(messages, to))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn cursor(position: i64) -> EventCursor {
        EventCursor { transaction: 7, position, event_id: Uuid::from_u128(1) }
    }

    fn message(position: i64) -> Message {
        let text = format!("{position} ").into();
        Message { cursor: cursor(position), text, concerns: None }
    }

    fn pushed(positions: std::ops::Range<i64>) -> Recent {
        let mut recent = Recent::begin(cursor(0));
        let end = cursor(positions.end);
        recent.push(positions.map(message).collect(), end);
        recent
    }

    #[test]
    fn reader_continues_behind_its_cursor() {
        let recent = pushed(1..4);
        let batch = recent.after(cursor(1)).unwrap();
        assert_eq!((&batch.text[..], batch.to), (&b"2 3 "[..], cursor(4)));
        assert_eq!(recent.after(batch.to).unwrap().text, Bytes::new());
        assert_eq!(recent.after(cursor(9)).unwrap().to, cursor(9), "a reader ahead stays there");
    }

    #[test]
    fn long_list_comes_in_batches() {
        let recent = pushed(1..251);
        let (mut at, mut sizes) = (cursor(0), Vec::new());
        while at < cursor(251) {
            let batch = recent.after(at).unwrap();
            sizes.push(batch.text.iter().filter(|byte| **byte == b' ').count());
            at = batch.to;
        }
        assert_eq!(sizes, [100, 100, 50]);
    }

    #[test]
    fn reader_of_forgotten_messages_is_told() {
        let recent = pushed(1..20_001);
        assert!(recent.after(cursor(9_999)).is_none());
        assert!(recent.after(cursor(10_000)).unwrap().text.starts_with(b"10001 "));
    }
}
