//! The audit log.

use askama::Template;
use poem::{Response, handler, web::Query};
use serde::Deserialize;
use uuid::Uuid;

use super::{Frame, When, html, query::Said, unavailable};
use crate::ops::{store::actions, words};

/// Actions on a page.
const PAGE: usize = 50;

#[derive(Deserialize)]
pub(super) struct Asked {
    before: Option<Uuid>,
}

#[derive(Template)]
#[template(path = "board/audit.html")]
struct Audit<'a> {
    frame: &'a Frame,
    said: Option<String>,
    actions: Vec<Action>,
    next: Option<String>,
}

struct Action {
    when: When,
    operator: String,
    via: String,
    action: String,
    target: String,
    affected: String,
    is_ended: bool,
    is_running: bool,
}

#[handler]
pub(super) async fn show(
    frame: Frame,
    asked: Query<Asked>,
    said: Query<Said>,
) -> poem::Result<Response> {
    let limit = i64::try_from(PAGE + 1).unwrap_or_default();
    let mut found = match actions::list(&frame.app.read, asked.before, limit).await {
        Ok(found) => found,
        Err(error) => return unavailable(&frame, &error.into()),
    };
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let last = found.last().filter(|_| has_more);
    let next = last.map(|action| format!("/audit?before={}", action.id));
    let actions = found.into_iter().map(|action| Action {
        when: frame.when(action.started_at),
        operator: action.operator,
        via: action.via,
        action: action.action,
        target: action.target,
        affected: words::number(action.affected),
        is_ended: action.ended_at.is_some(),
        is_running: action.is_running,
    });
    html(&Audit { said: said.0.sentence(), actions: actions.collect(), next, frame: &frame })
}
