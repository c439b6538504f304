//! Suppressed mailboxes.

use askama::Template;
use keyward_core::domain::MailId;
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
    suppressions::{self, Suppression},
    words,
};

#[derive(Template)]
#[template(path = "board/suppressions.html")]
struct Suppressions<'a> {
    frame: &'a Frame,
    before: Option<Uuid>,
    mailboxes: ListPage<Suppression>,
}

#[handler]
pub(super) async fn list(frame: Frame, from: Query<Before>) -> Result<Response> {
    let found = suppressions::list(&frame.app, from.before, LIMIT).await?;
    html(&Suppressions { frame: &frame, before: from.before, mailboxes: ListPage::new(found) })
}

#[handler]
pub(super) async fn lift(frame: Frame, path: Path<Uuid>, form: Form<Back>) -> Result<Redirect> {
    let is_lifted = suppressions::lift(&frame.app, &frame.actor(), MailId(*path)).await?;
    if !is_lifted {
        let reason = anyhow::anyhow!("this mailbox is not suppressed");
        return Err(PageError::unchanged(reason));
    }
    Ok(Notice::after(form.back.as_deref().unwrap_or("/suppressions"), "unsuppress", 1))
}
