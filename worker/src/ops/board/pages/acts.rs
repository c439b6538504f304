//! What the buttons of the board do. [`crate::ops::http::guard`] has let in only those who may act, and only
//! from a page of ours.

use std::time::Duration;

use askama::Template;
use poem::{
    Response, handler,
    http::{StatusCode, header},
    web::{Data, Form, Path, Query},
};
use serde::Deserialize;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Frame, away, html,
    query::{Said, Wanted},
    refused,
};
use crate::ops::board::{
    acts::{self, Act},
    jobs::{self, Filter, State},
    words,
};

/// How long a browser waits for the end of an act.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Acts that go on after their request was answered, until they are told to stop.
#[derive(Clone)]
pub(crate) struct Begun {
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
}

/// Where a button leads back to.
#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    pub(super) back: String,
}

/// Which act, to which jobs.
#[derive(Deserialize)]
pub(super) struct Bulk {
    act: String,
    #[serde(flatten)]
    wanted: Wanted,
}

#[derive(Template)]
#[template(path = "board/ask.html")]
struct Ask<'a> {
    frame: &'a Frame,
    bulk: &'a Bulk,
    what: String,
    count: i64,
    jobs: String,
    is_discard: bool,
    back: String,
}

/// To one job.
#[handler]
pub(super) async fn one(
    frame: Frame,
    path: Path<(String, String)>,
    form: Form<Back>,
) -> poem::Result<Response> {
    let Path((id, act)) = path;
    let Some(act) = named(&act) else { return Err(StatusCode::NOT_FOUND.into()) };
    match acts::one(&frame.app, &frame.who(), act, &id).await {
        Ok(()) => Ok(see_other(&Said::after(&form.back, act.as_str(), 1))),
        Err(error) => {
            let reason = format!("Nothing was done: {error:#}.");
            refused(&frame, StatusCode::CONFLICT, reason, format!("/jobs/{id}"))
        }
    }
}

/// Pauses or resumes a queue.
#[handler]
pub(super) async fn queue(
    frame: Frame,
    path: Path<(String, String)>,
    form: Form<Back>,
) -> poem::Result<Response> {
    let Path((queue, act)) = path;
    let result = match act.as_str() {
        "pause" => acts::pause(&frame.app, &frame.who(), &queue).await,
        "resume" => acts::resume(&frame.app, &frame.who(), &queue).await,
        _ => return Err(StatusCode::NOT_FOUND.into()),
    };
    match result {
        Ok(_) => Ok(see_other(&Said::after(&form.back, &act, 1))),
        Err(error) => {
            refused(&frame, StatusCode::CONFLICT, format!("Nothing was done: {error:#}."), "/")
        }
    }
}

/// Asks before it is done to many: says how many.
#[handler]
pub(super) async fn ask(frame: Frame, bulk: Query<Bulk>) -> poem::Result<Response> {
    if !frame.operator.may_act {
        return Err(StatusCode::FORBIDDEN.into());
    }
    let (act, filter) = match bulk.read() {
        Ok(read) => read,
        Err(reason) => return refused(&frame, StatusCode::BAD_REQUEST, reason, "/jobs"),
    };
    let count = match jobs::count(&frame.app, &filter).await {
        Ok(count) => count,
        Err(error) => return away(&frame, &error),
    };
    html(&Ask {
        what: filter.to_string(),
        count,
        jobs: words::count(count, "job"),
        is_discard: act == Act::Discard,
        back: bulk.wanted.link("/jobs", filter.state, None),
        bulk: &bulk,
        frame: &frame,
    })
}

/// Does it to all that match. What takes long goes on by itself, whether or not the browser waits; then
/// the audit says how far it is.
#[handler]
pub(super) async fn all(
    frame: Frame,
    begun: Data<&Begun>,
    bulk: Form<Bulk>,
) -> poem::Result<Response> {
    let (act, filter) = match bulk.read() {
        Ok(read) => read,
        Err(reason) => return refused(&frame, StatusCode::BAD_REQUEST, reason, "/jobs"),
    };
    let back = bulk.wanted.link("/jobs", filter.state, None);
    let (app, who, stop) = (frame.app.clone(), frame.who(), begun.stop.clone());
    let doing = begun.tasks.spawn(async move {
        let done = acts::all(&app, &who, act, &filter, &stop).await;
        done.inspect_err(|error| {
            tracing::warn!(error = format!("{error:#}"), "an act on many was interrupted")
        })
    });
    match tokio::time::timeout(ANSWER_TIMEOUT, doing).await {
        Ok(Ok(Ok(count))) => Ok(see_other(&Said::after(&back, act.as_str(), count))),
        Ok(Ok(Err(_))) => {
            let reason = "It was interrupted. What was done until then stays done, and the audit says to \
                          how many; the rest can be done once more.";
            refused(&frame, StatusCode::SERVICE_UNAVAILABLE, reason, "/audit")
        }
        Ok(Err(panic)) => Err(poem::error::InternalServerError(panic)),
        Err(_) => Ok(see_other(&Said::after("/audit", "begun", 0))),
    }
}

impl Bulk {
    fn read(&self) -> Result<(Act, Filter), String> {
        let act = named(&self.act).ok_or("There is no such act.")?;
        // Nothing is done to jobs of a state that nobody has named.
        let filter = self.wanted.filter(State::Done)?;
        if act.applies_to(filter.state) {
            return Ok((act, filter));
        }
        Err(format!("Jobs that are {} cannot be told to {}.", filter.state, act.as_str()))
    }
}

fn named(act: &str) -> Option<Act> {
    [Act::Retry, Act::Discard].into_iter().find(|known| known.as_str() == act)
}

/// What a browser asks for next, with a `GET`.
pub(super) fn see_other(to: &str) -> Response {
    Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, to).finish()
}
