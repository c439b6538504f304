//! One job, and its whole story.

use askama::Template;
use poem::{
    Response, handler,
    http::StatusCode,
    web::{Path, Query},
};

use super::{
    Frame, html,
    job_row::JobRow,
    query::Said,
    refused,
    story::{self, Step},
    unavailable,
};
use crate::ops::trace;

#[derive(Template)]
#[template(path = "board/job.html")]
struct Job<'a> {
    frame: &'a Frame,
    said: Option<String>,
    row: JobRow,
    /// Whether what is shown is about to change.
    is_under_way: bool,
    steps: Vec<Step>,
    siblings: Vec<JobRow>,
    here: String,
}

#[handler]
pub(super) async fn show(
    frame: Frame,
    id: Path<String>,
    said: Query<Said>,
) -> poem::Result<Response> {
    let found = match trace::job(&frame.app, &id).await {
        Ok(Some(found)) => found,
        Ok(None) => {
            let reason = "There is no such job. Completed jobs are kept for seven days.";
            return refused(&frame, StatusCode::NOT_FOUND, reason, "/jobs");
        }
        Err(error) => return unavailable(&frame, &error),
    };
    html(&Job {
        said: said.0.sentence(),
        row: JobRow::new(&frame, &found.job),
        is_under_way: found.job.is_in_progress(),
        steps: story::of_job(&frame, &found),
        siblings: found.siblings.iter().map(|job| JobRow::new(&frame, job)).collect(),
        here: format!("/jobs/{}", found.job.id),
        frame: &frame,
    })
}
