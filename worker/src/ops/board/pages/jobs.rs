//! Jobs that match, page by page.

use askama::Template;
use keyward_core::App;
use poem::{
    Response, handler,
    http::StatusCode,
    web::{Data, Query},
};

use super::{
    Frame, html,
    job_row::JobRow,
    query::{Said, Wanted},
    refused, unavailable,
};
use crate::{
    jobs::names,
    ops::{
        Filter, JobRecord, JobState, actions::JobAction, sampler::Sampler, snapshot::KindSnapshot,
        trace, words,
    },
    queue::list,
};

/// Jobs on a page.
const PAGE: usize = 50;
/// States of jobs that are not done, the most urgent first.
const OPEN: [JobState; 4] =
    [JobState::Dead, JobState::Scheduled, JobState::Available, JobState::Running];

#[derive(Template)]
#[template(path = "board/jobs.html")]
struct Jobs<'a> {
    frame: &'a Frame,
    said: Option<String>,
    wanted: &'a Wanted,
    /// Queues and kinds.
    names: Vec<&'static str>,
    tabs: Vec<Tab>,
    state: JobState,
    /// Set if an id is looked for: then the state does not count.
    id: Option<String>,
    rows: Vec<JobRow>,
    /// Other states in which jobs have the words, if none is on the page.
    elsewhere: Vec<Tab>,
    next: Option<String>,
    /// Where the page is, to come back to.
    here: String,
    can_retry: bool,
    can_run_now: bool,
    can_discard: bool,
}

/// A state, and how many jobs are in it.
struct Tab {
    name: &'static str,
    count: Option<String>,
    link: String,
    is_here: bool,
}

#[handler]
pub(super) async fn show(
    frame: Frame,
    sampler: Data<&Sampler>,
    wanted: Query<Wanted>,
    said: Query<Said>,
) -> poem::Result<Response> {
    let wanted = wanted.0;
    let counts = counts(sampler.0, &wanted.queue);
    let mut filter = match wanted.filter(likeliest(counts)) {
        Ok(filter) => filter,
        Err(reason) => return refused(&frame, StatusCode::BAD_REQUEST, reason, "/jobs"),
    };
    let id = is_id(&wanted.q).then(|| wanted.q.trim().to_owned());
    let (mut found, elsewhere) = match find(&frame.app, &wanted, &mut filter, id.as_deref()).await {
        Ok(found) => found,
        Err(error) => return unavailable(&frame, &error),
    };
    let has_more = id.is_none() && found.len() > PAGE;
    if has_more {
        found.truncate(PAGE);
    }
    let last = found.last().filter(|_| has_more);
    let next = last.map(|job| wanted.link("/jobs", filter.state, Some(job.position())));
    let may = |action: JobAction| {
        let applies = action.applies_to(filter.state);
        frame.operator.may_act && id.is_none() && !found.is_empty() && applies
    };
    let tab = |(state, count): (JobState, Option<i64>)| Tab {
        name: state.as_str(),
        count: count.map(words::number),
        link: wanted.link("/jobs", state, None),
        is_here: id.is_none() && state == filter.state,
    };
    html(&Jobs {
        said: said.0.sentence(),
        names: names(),
        tabs: JobState::LISTED.into_iter().zip(counts).map(tab).collect(),
        elsewhere: elsewhere.into_iter().map(|state| tab((state, None))).collect(),
        state: filter.state,
        rows: found.iter().map(|job| JobRow::new(&frame, job)).collect(),
        next,
        here: wanted.link("/jobs", filter.state, wanted.place()),
        can_retry: may(JobAction::Retry),
        can_run_now: may(JobAction::RunNow),
        can_discard: may(JobAction::Discard),
        id,
        wanted: &wanted,
        frame: &frame,
    })
}

/// What the page shows. If no job has the words in the state that was asked for, also the states in which
/// some have; if none was asked for, the filter becomes the first of them.
async fn find(
    app: &App,
    wanted: &Wanted,
    filter: &mut Filter,
    id: Option<&str>,
) -> anyhow::Result<(Vec<JobRecord>, Vec<JobState>)> {
    if let Some(id) = id {
        let mut jobs = trace::find(app, id, trace::RECENT).await?.jobs;
        jobs.retain(|job| filter.kinds.contains(&job.kind));
        return Ok((jobs, vec![]));
    }
    let most = i64::try_from(PAGE)? + 1;
    let found = list::list(&app.read, filter, wanted.place(), most).await?;
    if !found.is_empty() || filter.error.is_none() {
        return Ok((found, vec![]));
    }
    let mut elsewhere = Vec::new();
    for state in OPEN.into_iter().filter(|state| *state != filter.state) {
        let filter = Filter { state, ..filter.clone() };
        if !list::list(&app.read, &filter, None, 1).await?.is_empty() {
            elsewhere.push(state);
        }
    }
    match elsewhere.first() {
        Some(state) if wanted.state.is_empty() => {
            filter.state = *state;
            Ok((list::list(&app.read, filter, None, most).await?, vec![]))
        }
        _ => Ok((vec![], elsewhere)),
    }
}

/// Whether words are the id of something, and no words of an error.
fn is_id(words: &str) -> bool {
    let id = trace::id_in(words);
    let is_ulid = id.len() == 26 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_ulid || id.parse::<uuid::Uuid>().is_ok()
}

/// How many jobs are in each state that can be listed, from the latest snapshot. Completed jobs
/// are not counted.
fn counts(sampler: &Sampler, name: &str) -> [Option<i64>; 5] {
    let Some(snapshot) = sampler.latest() else { return [None; 5] };
    let of = |kind: &KindSnapshot| {
        let jobs = &kind.jobs;
        [jobs.available, jobs.scheduled, jobs.running, jobs.dead]
    };
    let is_wanted = |one: &&KindSnapshot| name.is_empty() || one.kind == name || one.queue == name;
    let wanted = snapshot.kinds.iter().filter(is_wanted);
    let sum =
        wanted.map(of).fold([0; 4], |sum, one| std::array::from_fn(|nth| sum[nth] + one[nth]));
    let [available, scheduled, running, dead] = sum.map(Some);
    [available, scheduled, running, dead, None]
}

/// The state that is shown if the request names none.
fn likeliest(counts: [Option<i64>; 5]) -> JobState {
    let has = |state: JobState| {
        let nth = JobState::LISTED.iter().position(|listed| *listed == state);
        nth.and_then(|nth| counts[nth]).unwrap_or_default() > 0
    };
    OPEN.into_iter().find(|state| has(*state)).unwrap_or(JobState::Completed)
}
