//! Unreadable events.

use askama::Template;
use poem::{
    Response, handler,
    web::{Form, Path, Query, Redirect},
};
use uuid::Uuid;

use super::{
    Frame, PageError, Result, assets, html,
    page::{Before, LIMIT, ListPage},
    query::{Back, Notice},
};
use crate::ops::{
    events::{self, DeadLetter, EventAction},
    words,
};

#[derive(Template)]
#[template(path = "board/unreadable.html")]
struct Unreadable<'a> {
    frame: &'a Frame,
    before: Option<Uuid>,
    events: ListPage<DeadLetter>,
}

#[handler]
pub(super) async fn list(frame: Frame, from: Query<Before>) -> Result<Response> {
    let events = events::list(&frame.app, from.before, LIMIT).await?;
    html(&Unreadable { frame: &frame, before: from.before, events: ListPage::new(events) })
}

/// Retries or discards an event.
#[handler]
pub(super) async fn act(
    frame: Frame,
    path: Path<(String, EventAction)>,
    form: Form<Back>,
) -> Result<Redirect> {
    let Path((id, action)) = path;
    let acting = events::act(&frame.app, &frame.actor(), action, &id).await;
    acting.map_err(PageError::unchanged)?;
    let did = match action {
        EventAction::Retry => "retry_event",
        EventAction::Discard => "discard_event",
    };
    Ok(Notice::after(form.back.as_deref().unwrap_or("/unreadable"), did, 1))
}
