//! The audit log.

use askama::Template;
use poem::{Response, handler, web::Query};

use super::{
    Frame, Result, assets, html,
    page::{Before, LIMIT, ListPage},
};
use crate::ops::{
    store::actions::{self, ActionRecord},
    words,
};

#[derive(Template)]
#[template(path = "board/audit.html")]
struct Audit<'a> {
    frame: &'a Frame,
    actions: ListPage<ActionRecord>,
}

#[handler]
pub(super) async fn list(frame: Frame, from: Query<Before>) -> Result<Response> {
    let actions = actions::list(&frame.app.read, from.before, LIMIT).await?;
    html(&Audit { frame: &frame, actions: ListPage::new(actions) })
}
