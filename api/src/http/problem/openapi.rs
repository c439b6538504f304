//! How the OpenAPI document describes a [`Problem`].

use poem_openapi::{
    ApiResponse,
    payload::Payload,
    registry::{
        MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
    },
    types::Type as _,
};

use super::{Problem, ProblemBody};

/// The statuses of failed requests.
const FAILURES: [(u16, &str); 14] = [
    (400, "The request is malformed, or its link is invalid, used or expired."),
    (401, "The credentials or the access token are missing, invalid or expired."),
    (403, "The account is not allowed to do this."),
    (404, "The resource does not exist."),
    (408, "The request body did not arrive in time."),
    (409, "The request conflicts with the current state of the resource."),
    (412, "The account has changed since you read it. Read it again, then retry."),
    (413, "The request body is too large."),
    (415, "The media type of the request body is not supported."),
    (422, "Members of the request body are invalid. `errors` lists all of them."),
    (428, "The `If-Match` header is missing. Send the `ETag` of the account in it."),
    (429, "Too many requests. Retry after the number of seconds in `Retry-After`."),
    (500, "An internal error occurred. Report the `request_id` to the operator."),
    (503, "A dependency is unavailable, or the server is busy. Retry after `Retry-After`."),
];

impl Payload for Problem {
    const CONTENT_TYPE: &'static str = "application/problem+json";

    fn schema_ref() -> MetaSchemaRef {
        ProblemBody::schema_ref()
    }

    fn register(registry: &mut Registry) {
        ProblemBody::register(registry);
    }
}

impl ApiResponse for Problem {
    fn meta() -> MetaResponses {
        let responses = FAILURES.map(|(status, description)| {
            let schema = ProblemBody::schema_ref();
            MetaResponse {
                description,
                status: Some(status),
                status_range: None,
                content: vec![MetaMediaType { content_type: Self::CONTENT_TYPE, schema }],
                headers: headers_of(status),
            }
        });
        MetaResponses { responses: responses.into() }
    }

    fn register(registry: &mut Registry) {
        ProblemBody::register(registry);
    }
}

fn headers_of(status: u16) -> Vec<MetaHeader> {
    let header = |name: &str, required, schema, description: &str| MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required,
        deprecated: false,
        schema: MetaSchemaRef::Inline(Box::new(schema)),
    };
    let text = || MetaSchema::new("string");
    let seconds = MetaSchema::new_with_format("integer", "uint64");
    let wait = header("RETRY-AFTER", true, seconds, "Seconds to wait before the next attempt.");
    let state = "The limit that is closest to exhaustion: `r` requests left, reset in `t` seconds.";
    let policy = "The limits of this route: `q` requests in `w` seconds.";
    match status {
        429 => vec![
            wait,
            header("RATELIMIT", false, text(), state),
            header("RATELIMIT-POLICY", false, text(), policy),
        ],
        503 => vec![wait],
        _ => vec![],
    }
}
