//! What operators do to queues and jobs, on the board and on the command line alike. The audit log
//! records each action before it starts.

use anyhow::{bail, ensure};
use chrono::{DateTime, Utc};
use keyward_core::{
    App,
    commands::internal::{DiscardEmails, RequeueEmails},
    domain::MailId,
    origin::Origin,
};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Filter, JobRecord, JobState,
    store::{actions as log, pauses},
};
use crate::{
    jobs,
    queue::{changes, job_record, list},
};

/// Jobs in one transaction.
const BATCH: i64 = 500;

/// Who acts, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActingOperator {
    name: String,
    via: &'static str,
}

impl ActingOperator {
    /// The person at the command line, who has no name here.
    #[must_use]
    pub fn command_line() -> Self {
        Self { name: "command line".to_owned(), via: "command line" }
    }

    /// An operator on the board.
    #[must_use]
    pub fn board(name: &str) -> Self {
        Self { name: name.to_owned(), via: "board" }
    }

    /// Runs an action on one target and records its result: how many things it changed.
    ///
    /// # Errors
    ///
    /// If Postgres is unreachable or the action fails. The audit log then shows it as not ended.
    pub(crate) async fn audited(
        &self,
        app: &App,
        action: &str,
        target: &str,
        run: impl Future<Output = anyhow::Result<i64>>,
    ) -> anyhow::Result<i64> {
        let id = self.start(app, action, target).await?;
        let count = run.await?;
        let mut sql = app.write.acquire().await?;
        log::count(&mut sql, id, count, true).await?;
        Ok(count)
    }

    async fn start(&self, app: &App, action: &str, target: &str) -> anyhow::Result<Uuid> {
        tracing::info!(operator = self.name, action, target, "operator: {action} {target}");
        Ok(log::start(&app.write, &self.name, self.via, action, target).await?)
    }
}

/// An action on jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobAction {
    /// Puts a dead or discarded job back with all its attempts. Its failed email is planned again.
    Retry,
    /// Makes the next attempt of a scheduled job due now.
    RunNow,
    /// Discards a job: it has no other attempt, and its email counts as failed.
    Discard,
}

impl JobAction {
    const ALL: [Self; 3] = [Self::Retry, Self::RunNow, Self::Discard];

    /// Its name in the audit log and in URLs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::RunNow => "run_now",
            Self::Discard => "discard",
        }
    }

    /// Its name on a button.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Retry => "Retry",
            Self::RunNow => "Run now",
            Self::Discard => "Discard",
        }
    }

    /// The states in which it applies to a job.
    const fn states(self) -> &'static [JobState] {
        match self {
            Self::Retry => &[JobState::Dead, JobState::Discarded],
            Self::RunNow => &[JobState::Scheduled],
            Self::Discard => &[JobState::Available, JobState::Scheduled, JobState::Dead],
        }
    }

    /// Checks that it applies to jobs in this state.
    pub(crate) fn check(self, state: JobState) -> anyhow::Result<()> {
        let is_applicable = self.states().contains(&state);
        ensure!(is_applicable, "{} does not apply to {state} jobs", self.as_str());
        Ok(())
    }
}

impl JobState {
    /// The actions that apply to a job in this state.
    pub fn actions(self) -> impl Iterator<Item = JobAction> {
        JobAction::ALL.into_iter().filter(move |action| action.states().contains(&self))
    }
}

/// An action on a queue or a kind of job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueAction {
    /// Within two seconds no process starts a new attempt.
    Pause,
    /// New attempts start again.
    Resume,
}

impl QueueAction {
    /// Its name in the audit log and in URLs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
        }
    }
}

/// Pauses or resumes a queue or kind. Returns false if it was in that state already.
///
/// # Errors
///
/// If there is no such queue or kind, or Postgres is unreachable.
pub async fn on_queue(
    app: &App,
    actor: &ActingOperator,
    action: QueueAction,
    name: &str,
) -> anyhow::Result<bool> {
    ensure!(!jobs::kinds_named(name).is_empty(), "there is no queue or kind {name:?}");
    let run = async {
        let mut sql = app.write.acquire().await?;
        let has_changed = match action {
            QueueAction::Pause => pauses::pause(&mut sql, name, &actor.name).await?,
            QueueAction::Resume => pauses::resume(&mut sql, name).await?,
        };
        Ok(i64::from(has_changed))
    };
    Ok(actor.audited(app, action.as_str(), name, run).await? == 1)
}

/// Runs an action on one job.
///
/// # Errors
///
/// If there is no such job, the action does not apply to its state, a worker has taken it, or
/// Postgres is unreachable.
pub async fn on_job(
    app: &App,
    actor: &ActingOperator,
    action: JobAction,
    id: &str,
) -> anyhow::Result<()> {
    let Some(job) = job_record::get(&app.read, id).await? else {
        bail!("there is no job {id}");
    };
    action.check(job.state)?;
    let id = actor.start(app, action.as_str(), id).await?;
    let count = on_batch(app, action, id, &[job]).await?;
    ensure!(count == 1, "a worker has taken the job in the meantime");
    let mut sql = app.write.acquire().await?;
    Ok(log::count(&mut sql, id, 0, true).await?)
}

/// Runs an action on all matching jobs and returns their number. Jobs that start to match later are
/// left alone. An interrupted action can be repeated.
///
/// # Errors
///
/// If the action does not apply to the state, `stop` is cancelled, or Postgres is unreachable. What was
/// changed until then stays changed, and the audit log has the number.
pub async fn on_matching(
    app: &App,
    actor: &ActingOperator,
    action: JobAction,
    filter: &Filter,
    stop: &CancellationToken,
) -> anyhow::Result<i64> {
    action.check(filter.state)?;
    let name = action.as_str();
    let id = actor.start(app, name, &filter.to_string()).await?;
    let started_at: DateTime<Utc> = sqlx::query_scalar("select now()").fetch_one(&app.read).await?;
    let (mut count, mut after) = (0, None);
    loop {
        let jobs = list::walk(&app.read, filter, Some(started_at), after, BATCH).await?;
        let Some(last) = jobs.last() else { break };
        ensure!(!stop.is_cancelled(), "the worker stops; {name} has changed {count} jobs so far");
        after = Some(last.position());
        count += on_batch(app, action, id, &jobs).await?;
    }
    let mut sql = app.write.acquire().await?;
    log::count(&mut sql, id, 0, true).await?;
    Ok(count)
}

/// One transaction: the jobs and their number in the audit log.
async fn on_batch(
    app: &App,
    action: JobAction,
    id: Uuid,
    jobs: &[JobRecord],
) -> anyhow::Result<i64> {
    let ids: Vec<String> = jobs.iter().map(|job| job.id.clone()).collect();
    let mail_ids: Vec<MailId> = jobs.iter().filter_map(JobRecord::mail_id).collect();
    let origin = Origin::default();
    // The emails come first: a job whose email has failed would do nothing.
    if action != JobAction::Discard && !mail_ids.is_empty() {
        let mail_ids = mail_ids.clone();
        app.execute(RequeueEmails { mail_ids, accepted_too: false }, &origin).await?;
    }
    let mut tx = app.write.begin().await?;
    let count = match action {
        JobAction::Retry => changes::retry(&mut tx, &ids).await?,
        JobAction::RunNow => changes::run_now(&mut tx, &ids).await?,
        JobAction::Discard => changes::discard(&mut tx, &ids).await?,
    };
    log::count(&mut tx, id, count, false).await?;
    tx.commit().await?;
    if action == JobAction::Discard && !mail_ids.is_empty() {
        let reason = "discarded by an operator";
        app.execute(DiscardEmails { mail_ids, reason }, &origin).await?;
    }
    Ok(count)
}
