//! `GET /v1/events`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keyward_core::{Refusal, events::Event as CoreEvent, queries::EventCursor};
use serde_json::Value;

use crate::{http::pagination::next_link, routes::prelude::*};

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
    /// The `after` of the next request, now or later.
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
    /// A page of the log. `parameter` takes its cursor.
    pub(crate) fn of(
        context: &Context<'_>,
        log: queries::EventLog,
        limit: u8,
        parameter: &str,
    ) -> Self {
        let next_cursor = write_cursor(log.cursor);
        let link = next_link(context.request.original_uri(), limit, (parameter, &next_cursor));
        let items = log.events.into_iter().map(PublicEvent::from).collect();
        Self::Page(Json(EventLogPage { items, next_cursor }), link)
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Events")]
impl EventQueries {
    /// List events
    ///
    /// Returns the public event log of the last seven days, oldest first. Pass the `next_cursor` of
    /// one response as `after` to the next request, as often as you like: no event is skipped or
    /// repeated. Fails with `cursor_expired` if events after the cursor are no longer kept; start
    /// again without a cursor.
    #[oai(path = "/events", method = "get", operation_id = "list_events")]
    async fn list_events(
        &self,
        admin: Scoped<'_, EventsRead>,
        /// The `next_cursor` of the previous response. The oldest events if missing.
        after: Query<Option<String>>,
        /// Return only events of this type.
        #[oai(name = "type")]
        kind: Query<Option<String>>,
        /// Most items to return: 1 to 100.
        limit: Query<Option<u32>>,
    ) -> Result<EventLog, Problem> {
        let limit = Page::parse(limit, Query(None))?.limit;
        let after = after.as_deref().map(read_cursor).transpose()?;
        if kind.as_deref().is_some_and(|kind| !CoreEvent::SUBJECTS.contains(&kind)) {
            return Err(Refusal::PageInvalid("type must be the type of an event").into());
        }
        let query = queries::ListEvents {
            by: admin.by,
            after,
            subjects: kind.0.map(|kind| vec![kind]),
            limit: limit.into(),
        };
        let log = admin.fetch(query).await?;
        Ok(EventLog::of(&admin, log, limit, "after"))
    }
}

/// The text of a cursor.
pub(crate) fn write_cursor(cursor: EventCursor) -> String {
    let EventCursor { transaction, position, event_id } = cursor;
    let numbers = [transaction, position].map(i64::to_be_bytes).concat();
    URL_SAFE_NO_PAD.encode([&numbers[..], event_id.as_bytes()].concat())
}

/// Reads a cursor.
///
/// # Errors
///
/// [`Refusal::PageInvalid`] if it is malformed.
pub(crate) fn read_cursor(text: &str) -> Result<EventCursor, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
    let (numbers, event_id) = bytes.split_at_checked(16).unwrap_or_default();
    let numbers = numbers.as_chunks::<8>().0.iter().copied().map(i64::from_be_bytes);
    match (&numbers.collect::<Vec<_>>()[..], Uuid::from_slice(event_id)) {
        (&[transaction @ 0..=i64::MAX, position @ 0..=i64::MAX], Ok(event_id)) => {
            Ok(EventCursor { transaction, position, event_id })
        }
        _ => Err(Refusal::PageInvalid("the cursor must be the next_cursor of an earlier response")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_a_forged_one_is_refused() {
        let cursor = EventCursor { transaction: i64::MAX, position: 7, event_id: Uuid::now_v7() };
        assert_eq!(read_cursor(&write_cursor(cursor)).unwrap(), cursor);
        let negative = URL_SAFE_NO_PAD.encode([0xff; 32]);
        for bad in ["", "x", "AAAA", "' or 1=1", "AAAAAAAAAAAAAAAAAAAAAA==", &negative] {
            assert!(read_cursor(bad).is_err(), "{bad:?}");
        }
    }
}
