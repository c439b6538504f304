//! The buttons of the board. [`crate::ops::http::guard`] admits only operators, and only from pages of
//! the board.

use std::time::Duration;

use askama::Template;
use poem::{
    Response, handler,
    http::StatusCode,
    web::{Data, Form, Path, Query, Redirect},
};
use serde::Deserialize;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Frame, PageError, Result, assets, html,
    query::{Back, JobQuery, Notice},
};
use crate::{
    ops::{
        Filter, JobState,
        actions::{self, JobAction, QueueAction},
        words,
    },
    queue::list,
};

/// How long a browser waits for the end of an action.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Work that continues after the answer to its request, until `stop` is cancelled.
#[derive(Clone)]
pub(crate) struct Background {
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
}

/// Runs an action on one job.
#[handler]
pub(super) async fn on_job(
    frame: Frame,
    path: Path<(String, JobAction)>,
    form: Form<Back>,
) -> Result<Redirect> {
    let Path((id, action)) = path;
    let acting = actions::on_job(&frame.app, &frame.actor(), action, &id).await;
    acting.map_err(PageError::unchanged)?;
    Ok(Notice::after(form.back.as_deref().unwrap_or("/"), action.as_str(), 1))
}

/// Pauses or resumes a queue or kind.
#[handler]
pub(super) async fn on_queue(
    frame: Frame,
    path: Path<(String, QueueAction)>,
    form: Form<Back>,
) -> Result<Redirect> {
    let Path((name, action)) = path;
    let acting = actions::on_queue(&frame.app, &frame.actor(), action, &name).await;
    acting.map_err(PageError::unchanged)?;
    Ok(Notice::after(form.back.as_deref().unwrap_or("/"), action.as_str(), 1))
}

/// An action on all matching jobs.
#[derive(Deserialize)]
pub(super) struct BulkAction {
    action: JobAction,
    #[serde(flatten)]
    query: JobQuery,
}

impl BulkAction {
    fn filter(&self) -> Result<Filter> {
        // No action applies to completed jobs, so the query must name another state.
        let filter = self.query.filter(JobState::Completed).map_err(PageError::bad_request)?;
        let check = self.action.check(filter.state);
        check.map_err(|error| PageError::bad_request(format!("{error}.")))?;
        Ok(filter)
    }
}

#[derive(Template)]
#[template(path = "board/confirm.html")]
struct Confirm<'a> {
    frame: &'a Frame,
    bulk: &'a BulkAction,
    filter: Filter,
    count: i64,
}

/// Asks for confirmation, with the number of matching jobs.
#[handler]
pub(super) async fn confirm(frame: Frame, bulk: Query<BulkAction>) -> Result<Response> {
    if !frame.operator.may_act {
        return Err(PageError::refused(StatusCode::FORBIDDEN, "Viewers cannot change anything."));
    }
    let filter = bulk.filter()?;
    let count = list::count(&frame.app.read, &filter).await?;
    html(&Confirm { frame: &frame, bulk: &bulk, filter, count })
}

/// Runs an action on all matching jobs. A long one continues after the answer; the audit log shows its
/// progress.
#[handler]
pub(super) async fn on_matching(
    frame: Frame,
    background: Data<&Background>,
    bulk: Form<BulkAction>,
) -> Result<Redirect> {
    let (action, filter) = (bulk.action, bulk.filter()?);
    let back = bulk.query.link(&filter.state, "");
    let (app, actor, stop) = (frame.app.clone(), frame.actor(), background.stop.clone());
    let task = background.tasks.spawn(async move {
        let result = actions::on_matching(&app, &actor, action, &filter, &stop).await;
        result.inspect_err(|error| {
            tracing::warn!(error = format!("{error:#}"), "an action on many jobs was interrupted")
        })
    });
    match tokio::time::timeout(ANSWER_TIMEOUT, task).await {
        Ok(Ok(Ok(count))) => Ok(Notice::after(&back, action.as_str(), count)),
        Ok(_) => {
            let reason = "The action was interrupted. The audit log shows how many jobs it has changed; \
                          repeat it for the others.";
            Err(PageError::refused(StatusCode::SERVICE_UNAVAILABLE, reason))
        }
        Err(_) => Ok(Notice::after("/audit", "continue", 0)),
    }
}
