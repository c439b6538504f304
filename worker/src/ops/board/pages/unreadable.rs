//! Events that could not be read.

use askama::Template;
use poem::{
    Response, handler,
    http::StatusCode,
    web::{Form, Path, Query},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Frame, When,
    actions::{Back, see_other},
    html,
    query::Said,
    refused, unavailable,
};
use crate::ops::{events, words};

/// Events on a page.
const PAGE: usize = 50;
/// Characters of an event that are shown.
const PAYLOAD: usize = 2_000;

#[derive(Deserialize)]
pub(super) struct Asked {
    before: Option<Uuid>,
}

#[derive(Template)]
#[template(path = "board/unreadable.html")]
struct Unreadable<'a> {
    frame: &'a Frame,
    said: Option<String>,
    letters: Vec<Letter>,
    next: Option<String>,
    /// Where the page is, to come back to.
    here: String,
}

struct Letter {
    id: String,
    /// The event that it names.
    event: Option<String>,
    subject: String,
    reason: String,
    payload: String,
    received: When,
}

#[handler]
pub(super) async fn show(
    frame: Frame,
    asked: Query<Asked>,
    said: Query<Said>,
) -> poem::Result<Response> {
    let limit = i64::try_from(PAGE + 1).unwrap_or_default();
    let mut found = match events::list(&frame.app, asked.before, limit).await {
        Ok(found) => found,
        Err(error) => return unavailable(&frame, &error),
    };
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| has_more).map(|letter| page_before(letter.id));
    let letters = found.into_iter().map(|letter| Letter {
        id: letter.id.to_string(),
        event: letter.event_id.map(|id| id.to_string()),
        subject: letter.subject,
        reason: letter.reason,
        payload: words::plain(
            &String::from_utf8_lossy(&letter.payload).chars().take(PAYLOAD).collect::<String>(),
        ),
        received: frame.when(letter.received_at),
    });
    html(&Unreadable {
        said: said.0.sentence(),
        letters: letters.collect(),
        next,
        here: asked.before.map_or_else(|| "/unreadable".to_owned(), page_before),
        frame: &frame,
    })
}

fn page_before(id: Uuid) -> String {
    format!("/unreadable?before={id}")
}

/// Retries or discards an event.
#[handler]
pub(super) async fn act(
    frame: Frame,
    path: Path<(String, String)>,
    form: Form<Back>,
) -> poem::Result<Response> {
    let Path((id, act)) = path;
    let back = if form.back.is_empty() { "/unreadable" } else { &form.back };
    let (did, result) = match act.as_str() {
        "retry" => ("read", events::retry(&frame.app, &frame.actor(), &id).await),
        "discard" => ("drop", events::discard(&frame.app, &frame.actor(), &id).await),
        _ => return Err(StatusCode::NOT_FOUND.into()),
    };
    match result {
        Ok(()) => Ok(see_other(&Said::after(back, did, 1))),
        Err(error) => refused(
            &frame,
            StatusCode::CONFLICT,
            format!("It stays as it is: {error:#}"),
            "/unreadable",
        ),
    }
}
