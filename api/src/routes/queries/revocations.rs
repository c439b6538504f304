//! `GET /v1/revocations`: a list, or a stream of server-sent events.

use poem::{Body, IntoResponse, Response, http::header};
use poem_openapi::{
    param::Header,
    registry::{MetaMediaType, MetaResponses, Registry},
    types::Type as _,
};

use super::events::{EVENT_LOG, EventLog, read_cursor};
use crate::{
    http::{accept::prefers_event_stream, auth::RevocationsRead},
    routes::{
        feed::{Feed, Message, stream::follow},
        prelude::*,
    },
};

pub(crate) struct RevocationQueries;

const EVENT_STREAM: &str = "text/event-stream";

/// A page, or a stream of the same events.
enum Revocations {
    Page(EventLog),
    Stream(Response),
}

impl ApiResponse for Revocations {
    fn meta() -> MetaResponses {
        let mut meta = EventLog::meta();
        for response in &mut meta.responses {
            let schema = String::schema_ref();
            response.content.push(MetaMediaType { content_type: EVENT_STREAM, schema });
        }
        meta
    }

    fn register(registry: &mut Registry) {
        EventLog::register(registry);
    }
}

impl IntoResponse for Revocations {
    fn into_response(self) -> Response {
        let response = match self {
            Self::Page(page) => page.into_response(),
            Self::Stream(response) => response,
        };
        response.with_header(header::VARY, "accept").into_response()
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Keys")]
impl RevocationQueries {
    /// List or follow revocations
    ///
    /// Returns the ended sessions, disabled and deleted accounts, and changed roles of the last seven days,
    /// oldest first: the events `session.ended`, `user.disabled`, `user.deleted` and `user.role_changed` of
    /// the event log, in its order and with its cursors. With `Accept: text/event-stream`, the response is a
    /// stream of server-sent events that goes on with new ones; it continues behind `Last-Event-ID`.
    #[oai(path = "/revocations", method = "get", operation_id = "list_revocations")]
    async fn list_revocations(
        &self,
        service: Scoped<'_, RevocationsRead>,
        feed: poem::web::Data<&Feed>,
        /// The `next_cursor` of the previous response, or the id of the last event of a stream. The oldest
        /// events if missing.
        cursor: Query<Option<String>>,
        /// Most items to return: 1 to 100. A stream has no limit.
        limit: Query<Option<u32>>,
        /// The id of the last event that a stream has delivered. Takes precedence over `cursor`.
        #[oai(name = "Last-Event-ID")]
        last_event_id: Header<Option<String>>,
    ) -> Result<Revocations, Problem> {
        let limit = Page::limit(limit.0)?;
        let cursor = last_event_id.0.filter(|id| !id.is_empty()).or(cursor.0);
        let after =
            cursor.as_deref().map(|text| read_cursor(service.app, EVENT_LOG, text)).transpose()?;
        let token = service
            .service_token
            .clone()
            .filter(|_| prefers_event_stream(service.request.headers()));
        if let Some(token) = token {
            let place = feed.open(token.id)?;
            let stream = follow(place, service.by, token, after).await?;
            let response = Response::builder()
                .content_type(EVENT_STREAM)
                // Proxies must not collect events.
                .header("x-accel-buffering", "no");
            return Ok(Revocations::Stream(response.body(Body::from_bytes_stream(stream))));
        }
        let subjects = Message::REVOCATIONS.iter().map(|subject| (*subject).to_owned()).collect();
        let (by, subjects) = (service.by, Some(subjects));
        let query = queries::ListEvents { by, after, subjects, limit: limit.into() };
        let log = service.fetch(query).await?;
        Ok(Revocations::Page(EventLog::of(&service, log, limit, EVENT_LOG)))
    }
}
