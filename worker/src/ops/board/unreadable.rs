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
    events::{self, DeadLetter},
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

#[handler]
pub(super) async fn discard(
    frame: Frame,
    path: Path<String>,
    form: Form<Back>,
) -> Result<Redirect> {
    events::discard(&frame.app, &frame.actor(), &path).await.map_err(PageError::unchanged)?;
    Ok(Notice::after(form.back.as_deref().unwrap_or("/unreadable"), "discard_event", 1))
}
