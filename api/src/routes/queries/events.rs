//! `GET /v1/events`.

use keyward_core::{App, Refusal, events::Event as CoreEvent, queries::EventCursor};
use serde_json::Value;

use crate::{
    http::{cursor, pagination::next_link},
    routes::prelude::*,
};

pub(crate) struct EventQueries;

/// The event log without filters. Its cursors are those of the revocations, too.
pub(crate) const EVENT_LOG: &str = "/v1/events?";

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
pub(crate) enum EventLog {
    /// A page of the event log.
    #[oai(status = 200)]
    Page(
        Json<EventLogPage>,
        /// The URL of the next request, with `rel="next"`.
        #[oai(header = "Link")]
        String,
    ),
}

impl EventLog {
    /// A page of a list of events.
    pub(crate) fn of(context: &Context<'_>, log: queries::EventLog, limit: u8, list: &str) -> Self {
        let next_cursor = write_cursor(context.app, list, log.cursor);
        let link = next_link(context.request.original_uri(), limit, &next_cursor);
        let items = log.events.into_iter().map(PublicEvent::from).collect();
        Self::Page(Json(EventLogPage { items, next_cursor }), link)
    }
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
        admin: Scoped<'_, EventsRead>,
        /// The `next_cursor` of the previous response. The oldest events if missing.
        cursor: Query<Option<String>>,
        /// Return only events of this type.
        #[oai(name = "type")]
        kind: Query<Option<String>>,
        /// Most items to return: 1 to 100.
        limit: Query<Option<u32>>,
    ) -> Result<EventLog, Problem> {
        let limit = Page::limit(limit.0)?;
        let list = cursor::list_of(admin.request.original_uri());
        let after =
            cursor.as_deref().map(|text| read_cursor(admin.app, &list, text)).transpose()?;
        if kind.as_deref().is_some_and(|kind| !CoreEvent::SUBJECTS.contains(&kind)) {
            return Err(Refusal::parameter("type", "this must be the type of an event").into());
        }
        let query = queries::ListEvents {
            by: admin.by,
            after,
            subjects: kind.0.map(|kind| vec![kind]),
            limit: limit.into(),
        };
        let log = admin.fetch(query).await?;
        Ok(EventLog::of(&admin, log, limit, &list))
    }
}

/// The cursor of a position in a list.
pub(crate) fn write_cursor(app: &App, list: &str, cursor: EventCursor) -> String {
    let EventCursor { transaction, position, event_id } = cursor;
    let numbers = [transaction, position].map(i64::to_be_bytes).concat();
    cursor::seal(app, list, &[&numbers[..], event_id.as_bytes()].concat())
}

/// The position of a cursor of a list.
///
/// # Errors
///
/// [`Refusal::ParameterInvalid`] if it is not a cursor of this list.
pub(crate) fn read_cursor(app: &App, list: &str, text: &str) -> Result<EventCursor, Refusal> {
    let bytes: [u8; 32] = cursor::open(app, list, text)?;
    let (numbers, event_id) = bytes.split_at(16);
    let numbers = numbers.as_chunks::<8>().0.iter().copied().map(i64::from_be_bytes);
    match (&numbers.collect::<Vec<_>>()[..], Uuid::from_slice(event_id)) {
        (&[transaction, position], Ok(event_id)) => {
            Ok(EventCursor { transaction, position, event_id })
        }
        _ => Err(Refusal::parameter("cursor", "this must be the next_cursor of an earlier page")),
    }
}
