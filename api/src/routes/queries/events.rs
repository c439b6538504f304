//! `GET /v1/events`.

use keyward_core::{Refusal, events::Event as CoreEvent, queries::EventCursor};
use serde_json::Value;

use crate::{
    http::{cursor, pagination::next_link},
    routes::prelude::*,
};

pub(crate) struct EventQueries;

objects! {
    /// An event in its public form.
    PublicEvent from event: queries::LoggedEvent {
        /// The id of the event, the same in NATS and in webhooks.
        id: Uuid = event.id.0,
        /// The type of the event, for example `user.registered`.
        #[oai(rename = "type")]
        kind: String = event.subject,
        /// When the event occurred.
        occurred_at: Time = event.occurred_at,
        /// The account that the event is about, if there is one.
        user_id: Option<Uuid> = event.user_id.map(|id| id.0),
        /// The data of the event. See the catalogue of events.
        data: Value = event.data,
    }
}

/// A page of the event log.
#[derive(Debug, Object)]
pub(crate) struct EventLogPage {
    /// The events, oldest first. Empty if there are no new ones.
    items: Vec<PublicEvent>,
    /// The `cursor` of the next request, now or later.
    next_cursor: String,
}

#[derive(ApiResponse)]
enum EventLog {
    /// A page of the event log.
    #[oai(status = 200)]
    Page(
        Json<EventLogPage>,
        /// The URL of the next request, with `rel="next"`.
        #[oai(header = "Link")]
        String,
    ),
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Events")]
impl EventQueries {
    /// List events
    ///
    /// Returns the public event log of the last seven days, oldest first. Pass the `next_cursor` of
    /// one response as `cursor` to the next request, as often as you like: no event is skipped or
    /// repeated. Fails with `cursor_expired` if events after the cursor are no longer kept; start
    /// again without a cursor.
    #[oai(path = "/events", method = "get", operation_id = "list_events")]
    async fn list_events(
        &self,
        admin: AdminUser<'_>,
        /// The `next_cursor` of the previous response. The oldest events if missing.
        cursor: Query<Option<String>>,
        /// Return only events of this type.
        #[oai(name = "type")]
        kind: Query<Option<String>>,
        /// Most items to return: 1 to 100.
        limit: Query<Option<u32>>,
    ) -> Result<EventLog, Problem> {
        let limit = Page::limit(limit.0)?;
        let after = cursor.as_deref().map(|cursor| read_cursor(&admin, cursor)).transpose()?;
        if kind.as_deref().is_some_and(|kind| !CoreEvent::SUBJECTS.contains(&kind)) {
            return Err(Refusal::parameter("type", "this must be the type of an event").into());
        }
        let query =
            queries::ListEvents { by: admin.by, after, subject: kind.0, limit: limit.into() };
        let log = admin.fetch(query).await?;
        let next_cursor = write_cursor(&admin, log.cursor);
        let link = next_link(admin.request.original_uri(), limit, &next_cursor);
        let items = log.events.into_iter().map(PublicEvent::from).collect();
        Ok(EventLog::Page(Json(EventLogPage { items, next_cursor }), link))
    }
}

fn write_cursor(context: &Context<'_>, cursor: EventCursor) -> String {
    let EventCursor { transaction, position, event_id } = cursor;
    let numbers = [transaction, position].map(i64::to_be_bytes).concat();
    cursor::write(context, &[&numbers[..], event_id.as_bytes()].concat())
}

fn read_cursor(context: &Context<'_>, text: &str) -> Result<EventCursor, Refusal> {
    let bytes: [u8; 32] = cursor::read(context, text)?;
    let (numbers, event_id) = bytes.split_at(16);
    let numbers = numbers.as_chunks::<8>().0.iter().copied().map(i64::from_be_bytes);
    match (&numbers.collect::<Vec<_>>()[..], Uuid::from_slice(event_id)) {
        (&[transaction, position], Ok(event_id)) => {
            Ok(EventCursor { transaction, position, event_id })
        }
        _ => Err(Refusal::parameter("cursor", "this must be the next_cursor of an earlier page")),
    }
}
