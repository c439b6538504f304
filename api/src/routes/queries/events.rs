//! `GET /v1/events`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keyward_core::{
    App, Refusal,
    events::Event,
    queries::{EventCursor, ListEvents, LoggedEvent},
};
use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi, param::Query, payload::Json};
use serde_json::Value;
use uuid::Uuid;

use crate::http::{
    auth::Administrator,
    pagination::{self, Page},
    problem::Failure,
    tags::Tag,
    time::Time,
};

pub(crate) struct EventQueries;

/// Something that happened, in its public form.
#[derive(Debug, Object)]
pub(crate) struct PublicEvent {
    /// Its identity, the same as in the stream and in a webhook.
    id: Uuid,
    /// What happened, for example `user.registered`.
    #[oai(rename = "type")]
    kind: String,
    /// When.
    occurred_at: Time,
    /// The account it happened to, if it happened to one.
    user_id: Option<Uuid>,
    /// Ids and words: see the catalogue of events.
    data: Value,
}

impl From<LoggedEvent> for PublicEvent {
    fn from(event: LoggedEvent) -> Self {
        Self {
            id: event.id.0,
            kind: event.subject,
            occurred_at: event.occurred_at.into(),
            user_id: event.user_id.map(|id| id.0),
            data: event.data,
        }
    }
}

/// A part of the event log.
#[derive(Debug, Object)]
pub(crate) struct EventLogPage {
    /// The oldest first; none if nothing has happened since.
    items: Vec<PublicEvent>,
    /// Where to go on, now or later: the next `after`.
    next_cursor: String,
}

#[derive(ApiResponse)]
enum EventLog {
    /// A part of the event log.
    #[oai(status = 200)]
    Page(
        Json<EventLogPage>,
        /// Where to go on.
        #[oai(header = "Link")]
        String,
    ),
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Events")]
impl EventQueries {
    /// What has happened?
    ///
    /// The public event log, the oldest first, seven days back. Ask again with the cursor of the
    /// last answer, as often as you like: nothing is missed and nothing comes twice. A cursor whose
    /// events are no longer kept is refused (`cursor_expired`); begin anew without one.
    #[oai(path = "/events", method = "get", operation_id = "list_events")]
    async fn list_events(
        &self,
        app: Data<&App>,
        by: Administrator,
        /// `next_cursor` of the last answer; the oldest events there are without it.
        after: Query<Option<String>>,
        /// Only events of this type.
        #[oai(name = "type")]
        kind: Query<Option<String>>,
        /// How many at most: 1 to 100.
        limit: Query<Option<u32>>,
    ) -> Result<EventLog, Failure> {
        let limit = Page::parse(limit.0, None)?.limit;
        let after = after.as_deref().map(read_cursor).transpose()?;
        if kind.as_deref().is_some_and(|kind| !Event::SUBJECTS.contains(&kind)) {
            return Err(Refusal::PageInvalid("type is none that an event has").into());
        }
        let subject = kind.0.clone();
        let query = ListEvents { by: by.0, after, subject, limit: limit.into() };
        let log = app.fetch(query).await?;
        let next_cursor = write_cursor(log.cursor);
        let link =
            pagination::link("/v1/events", &[("type", kind.0)], limit, ("after", &next_cursor));
        let items = log.events.into_iter().map(PublicEvent::from).collect();
        Ok(EventLog::Page(Json(EventLogPage { items, next_cursor }), link))
    }
}

fn write_cursor(cursor: EventCursor) -> String {
    let EventCursor { transaction, position } = cursor;
    URL_SAFE_NO_PAD.encode([transaction.to_be_bytes(), position.to_be_bytes()].concat())
}

fn read_cursor(text: &str) -> Result<EventCursor, Refusal> {
    let bytes =
        URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
    let number = |bytes: &[u8]| bytes.try_into().map(i64::from_be_bytes).ok();
    bytes
        .and_then(|bytes| {
            let (transaction, position) = (number(&bytes[..8])?, number(&bytes[8..])?);
            (transaction >= 0 && position >= 0).then_some(EventCursor { transaction, position })
        })
        .ok_or(Refusal::PageInvalid("after is none that an earlier answer gave"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_a_forged_one_is_refused() {
        let cursor = EventCursor { transaction: i64::MAX, position: 7 };
        assert_eq!(read_cursor(&write_cursor(cursor)).unwrap(), cursor);
        let negative = URL_SAFE_NO_PAD.encode([0xff; 16]);
        for bad in ["", "x", "AAAA", "' or 1=1", "AAAAAAAAAAAAAAAAAAAAAA==", &negative] {
            assert!(read_cursor(bad).is_err(), "{bad:?}");
        }
    }
}
