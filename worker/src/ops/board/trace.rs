//! The history of a request, trace, event, email, account or job.

use askama::Template;
use poem::{Response, handler, web::Query};
use serde::Deserialize;

use super::{Frame, Result, assets, html};
use crate::ops::{
    trace::{self, RECENT, TraceResult},
    words,
};

#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "board/trace.html")]
struct TracePage<'a> {
    frame: &'a Frame,
    q: &'a str,
    found: TraceResult,
}

#[handler]
pub(super) async fn show(frame: Frame, search: Query<Search>) -> Result<Response> {
    let q = trace::id_in(&search.q);
    let found = match q {
        "" => TraceResult::default(),
        id => trace::find(&frame.app, id, RECENT).await?,
    };
    html(&TracePage { frame: &frame, q, found })
}
