//! The list of jobs, and the page of one job.

use askama::Template;
use keyward_core::App;
use poem::{
    Response, handler,
    http::StatusCode,
    web::{Data, Path, Query},
};

use super::{
    Frame, PageError, Result, assets, html,
    page::{LIMIT, ListPage},
    query::{self, JobQuery},
};
use crate::{
    ops::{
        Filter, JobCounts, JobRecord, JobState,
        sampler::Sampler,
        trace::{self, JobHistory},
        words,
    },
    queue::list,
};

/// States of jobs that have not completed, the most urgent first.
const OPEN: [JobState; 4] =
    [JobState::Dead, JobState::Scheduled, JobState::Available, JobState::Running];

#[derive(Template)]
#[template(path = "board/jobs.html")]
struct JobsPage<'a> {
    frame: &'a Frame,
    query: &'a JobQuery,
    /// Jobs in each state, in the latest snapshot.
    counts: Option<JobCounts>,
    state: JobState,
    /// The id that is searched: in all states.
    id: Option<&'a str>,
    jobs: ListPage<JobRecord>,
    /// Other states in which jobs have the words, if the page is empty.
    elsewhere: Vec<JobState>,
}

impl JobsPage<'_> {
    fn count(&self, state: &JobState) -> Option<i64> {
        self.counts.as_ref()?.in_state(*state)
    }
}

#[handler]
pub(super) async fn search(
    frame: Frame,
    sampler: Data<&Sampler>,
    query: Query<JobQuery>,
) -> Result<Response> {
    let counts = sampler.latest().map(|snapshot| snapshot.jobs(&query.queue));
    let has_jobs =
        |state: &JobState| counts.as_ref().and_then(|counts| counts.in_state(*state)) > Some(0);
    let default = OPEN.into_iter().find(has_jobs).unwrap_or(JobState::Completed);
    let mut filter = query.filter(default).map_err(PageError::bad_request)?;
    let id = trace::is_id(&query.q).then(|| query.q.trim());
    let (jobs, elsewhere) = match id {
        Some(id) => (ListPage::single(of_id(&frame.app, &filter, id).await?), vec![]),
        None => matching(&frame.app, &query, &mut filter).await?,
    };
    html(&JobsPage {
        frame: &frame,
        query: &query,
        counts,
        state: filter.state,
        id,
        jobs,
        elsewhere,
    })
}

async fn of_id(app: &App, filter: &Filter, id: &str) -> anyhow::Result<Vec<JobRecord>> {
    let mut jobs = trace::find(app, id, trace::RECENT).await?.jobs;
    jobs.retain(|job| filter.kinds.contains(&job.kind));
    Ok(jobs)
}

/// Matching jobs. If no job in the requested state has the words, also the states in which jobs have
/// them; if the query names no state, the filter becomes the first of these.
async fn matching(
    app: &App,
    query: &JobQuery,
    filter: &mut Filter,
) -> anyhow::Result<(ListPage<JobRecord>, Vec<JobState>)> {
    let found = list::list(&app.read, filter, query.position(), LIMIT).await?;
    if !found.is_empty() || filter.error.is_none() {
        return Ok((ListPage::new(found), vec![]));
    }
    let mut elsewhere = Vec::new();
    for state in OPEN.into_iter().filter(|state| *state != filter.state) {
        let filter = Filter { state, ..filter.clone() };
        if !list::list(&app.read, &filter, None, 1).await?.is_empty() {
            elsewhere.push(state);
        }
    }
    match elsewhere.first() {
        Some(state) if query.state.is_empty() => {
            filter.state = *state;
            let found = list::list(&app.read, filter, None, LIMIT).await?;
            Ok((ListPage::new(found), vec![]))
        }
        _ => Ok((ListPage::single(vec![]), elsewhere)),
    }
}

#[derive(Template)]
#[template(path = "board/job.html")]
struct JobPage<'a> {
    frame: &'a Frame,
    history: JobHistory,
}

#[handler]
pub(super) async fn show(frame: Frame, id: Path<String>) -> Result<Response> {
    let history = trace::job(&frame.app, &id).await?.ok_or_else(|| {
        let reason = "There is no such job. Completed jobs are deleted after EVENT_RETENTION_S.";
        PageError::refused(StatusCode::NOT_FOUND, reason)
    })?;
    html(&JobPage { frame: &frame, history })
}
