//! Who did what, when, and to how many.

use askama::Template;
use keyward_core::operations::acts;
use poem::{Response, handler, web::Query};
use serde::Deserialize;
use uuid::Uuid;

use super::{Frame, When, away, html, query::Said};
use crate::ops::board::words;

/// Acts on a page.
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
    acts: Vec<Act>,
    next: Option<String>,
}

struct Act {
    when: When,
    operator: String,
    via: String,
    act: String,
    target: String,
    affected: String,
    is_ended: bool,
    is_going_on: bool,
}

#[handler]
pub(super) async fn show(
    frame: Frame,
    asked: Query<Asked>,
    said: Query<Said>,
) -> poem::Result<Response> {
    let limit = i64::try_from(PAGE + 1).unwrap_or_default();
    let mut found = match acts::list(&frame.app.read, asked.before, limit).await {
        Ok(found) => found,
        Err(error) => return away(&frame, &error.into()),
    };
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let last = found.last().filter(|_| has_more);
    let next = last.map(|act| format!("/audit?before={}", act.id));
    let acts = found.into_iter().map(|act| Act {
        when: frame.when(act.at),
        operator: act.operator,
        via: act.via,
        act: act.act,
        target: act.target,
        affected: words::number(act.affected),
        is_ended: act.ended_at.is_some(),
        is_going_on: act.is_going_on,
    });
    html(&Audit { said: said.0.sentence(), acts: acts.collect(), next, frame: &frame })
}
