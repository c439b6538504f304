//! The buttons of the board. [`crate::ops::http::guard`] admits only operators, and only from pages of
//! the board.

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
    Frame, html,
    query::{Said, Wanted},
    refused, unavailable,
};
use crate::{
    ops::{
        Filter, JobState,
        actions::{self, JobAction},
        words,
    },
    queue::list,
};

/// How long a browser waits for the end of an action.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Actions that continue after the answer to their request, until `stop` is cancelled.
#[derive(Clone)]
pub(crate) struct Running {
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
}

/// The page that a button returns to.
#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    pub(super) back: String,
}

/// An action on all matching jobs.
#[derive(Deserialize)]
pub(super) struct Bulk {
    action: String,
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

/// Runs an action on one job.
#[handler]
pub(super) async fn one(
    frame: Frame,
    path: Path<(String, String)>,
    form: Form<Back>,
) -> poem::Result<Response> {
    let Path((id, action)) = path;
    let Some(action) = named(&action) else { return Err(StatusCode::NOT_FOUND.into()) };
    match actions::on_job(&frame.app, &frame.actor(), action, &id).await {
        Ok(()) => Ok(see_other(&Said::after(&form.back, action.as_str(), 1))),
        Err(error) => {
            let reason = format!("Nothing has changed: {error:#}.");
            refused(&frame, StatusCode::CONFLICT, reason, format!("/jobs/{id}"))
        }
    }
}

/// Pauses or resumes a queue or kind.
#[handler]
pub(super) async fn queue(
    frame: Frame,
    path: Path<(String, String)>,
    form: Form<Back>,
) -> poem::Result<Response> {
    let Path((name, action)) = path;
    let result = match action.as_str() {
        "pause" => actions::pause(&frame.app, &frame.actor(), &name).await,
        "resume" => actions::resume(&frame.app, &frame.actor(), &name).await,
        _ => return Err(StatusCode::NOT_FOUND.into()),
    };
    match result {
        Ok(_) => Ok(see_other(&Said::after(&form.back, &action, 1))),
        Err(error) => {
            refused(&frame, StatusCode::CONFLICT, format!("Nothing has changed: {error:#}."), "/")
        }
    }
}

/// Asks for confirmation, with the number of matching jobs.
#[handler]
pub(super) async fn ask(frame: Frame, bulk: Query<Bulk>) -> poem::Result<Response> {
    if !frame.operator.may_act {
        return Err(StatusCode::FORBIDDEN.into());
    }
    let (action, filter) = match bulk.read() {
        Ok(read) => read,
        Err(reason) => return refused(&frame, StatusCode::BAD_REQUEST, reason, "/jobs"),
    };
    let count = match list::count(&frame.app.read, &filter).await {
        Ok(count) => count,
        Err(error) => return unavailable(&frame, &error.into()),
    };
    html(&Ask {
        what: filter.to_string(),
        count,
        jobs: words::count(count, "job"),
        is_discard: action == JobAction::Discard,
        back: bulk.wanted.link("/jobs", filter.state, None),
        bulk: &bulk,
        frame: &frame,
    })
}

/// Runs an action on all matching jobs. A long one continues after the answer; the audit log shows its
/// progress.
#[handler]
pub(super) async fn all(
    frame: Frame,
    running: Data<&Running>,
    bulk: Form<Bulk>,
) -> poem::Result<Response> {
    let (action, filter) = match bulk.read() {
        Ok(read) => read,
        Err(reason) => return refused(&frame, StatusCode::BAD_REQUEST, reason, "/jobs"),
    };
    let back = bulk.wanted.link("/jobs", filter.state, None);
    let (app, actor, stop) = (frame.app.clone(), frame.actor(), running.stop.clone());
    let task = running.tasks.spawn(async move {
        let result = actions::on_matching(&app, &actor, action, &filter, &stop).await;
        result.inspect_err(|error| {
            tracing::warn!(error = format!("{error:#}"), "an action on many jobs was interrupted")
        })
    });
    match tokio::time::timeout(ANSWER_TIMEOUT, task).await {
        Ok(Ok(Ok(count))) => Ok(see_other(&Said::after(&back, action.as_str(), count))),
        Ok(Ok(Err(_))) => {
            let reason = "The action was interrupted. The audit log shows how many jobs it has changed; \
                          repeat it for the others.";
            refused(&frame, StatusCode::SERVICE_UNAVAILABLE, reason, "/audit")
        }
        Ok(Err(panic)) => Err(poem::error::InternalServerError(panic)),
        Err(_) => Ok(see_other(&Said::after("/audit", "running", 0))),
    }
}

impl Bulk {
    fn read(&self) -> Result<(JobAction, Filter), String> {
        let action = named(&self.action).ok_or("There is no such action.")?;
        // No action applies to the default state, so the request must name another one.
        let filter = self.wanted.filter(JobState::Completed)?;
        if action.applies_to(filter.state) {
            return Ok((action, filter));
        }
        Err(format!("{} does not apply to {} jobs.", action.as_str(), filter.state))
    }
}

fn named(action: &str) -> Option<JobAction> {
    JobAction::ALL.into_iter().find(|known| known.as_str() == action)
}

/// Redirects the browser with a `GET`.
pub(super) fn see_other(to: &str) -> Response {
    Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, to).finish()
}
