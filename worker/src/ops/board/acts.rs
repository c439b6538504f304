//! What a person does to queues and jobs, from the board and from the command line alike. Each act is
//! written down before it begins: who, what, to what, and to how many.

use anyhow::{bail, ensure};
use chrono::{DateTime, Utc};
use keyward_core::{
    App,
    commands::internal::{DiscardEmails, RequeueEmails},
    domain::MailId,
    operations::{acts, pauses},
    origin::Origin,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::jobs::{Filter, Job, State};
use crate::{jobs, ops::dead::mail_of, queue};

/// Jobs in one transaction.
const BATCH: i64 = 500;

/// Who does something, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    name: String,
    via: &'static str,
}

impl Who {
    /// Whoever sits at the command line: they hold the keys of the house, and have no name.
    #[must_use]
    pub fn at_command_line() -> Self {
        Self { name: "command line".to_owned(), via: "command line" }
    }

    /// An operator at the board.
    #[must_use]
    pub fn at_board(name: &str) -> Self {
        Self { name: name.to_owned(), via: "board" }
    }

    /// Does something to one thing, and writes it down: before, and what came of it.
    ///
    /// # Errors
    ///
    /// If Postgres is away, or it cannot be done; then it stands there as not ended.
    pub(crate) async fn does(
        &self,
        app: &App,
        act: &str,
        target: &str,
        doing: impl Future<Output = anyhow::Result<i64>>,
    ) -> anyhow::Result<i64> {
        let id = self.begins(app, act, target).await?;
        let count = doing.await?;
        let mut sql = app.write.acquire().await?;
        acts::count(&mut sql, id, count, true).await?;
        Ok(count)
    }

    async fn begins(&self, app: &App, act: &str, target: &str) -> anyhow::Result<Uuid> {
        tracing::info!(operator = self.name, act, target, "operator: {act} {target}");
        Ok(acts::begin(&app.write, &self.name, self.via, act, target).await?)
    }
}

/// What is done to jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Try a dead one again, with all its attempts; a scheduled one now.
    Retry,
    /// Let it rest: it is not tried any more. A mail that it would have sent is given up.
    Discard,
}

impl Act {
    /// What it is called.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Discard => "discard",
        }
    }

    /// Whether it can be done to jobs in this state.
    #[must_use]
    pub const fn applies_to(self, state: State) -> bool {
        match self {
            Self::Retry => matches!(state, State::Scheduled | State::Dead | State::Dropped),
            Self::Discard => matches!(state, State::Waiting | State::Scheduled | State::Dead),
        }
    }
}

/// Pauses a queue: no new attempt begins, in any process, from a second or two later on. Says whether
/// it was not paused before.
///
/// # Errors
///
/// If there is no such queue, or Postgres is away.
pub async fn pause(app: &App, who: &Who, queue: &str) -> anyhow::Result<bool> {
    ensure!(jobs::Job::QUEUES.contains(&queue), "there is no queue {queue:?}");
    let pausing = async {
        let mut sql = app.write.acquire().await?;
        Ok(i64::from(pauses::pause(&mut sql, queue, &who.name).await?))
    };
    Ok(who.does(app, "pause", queue, pausing).await? == 1)
}

/// Resumes a queue. Says whether it was paused.
///
/// # Errors
///
/// If there is no such queue, or Postgres is away.
pub async fn resume(app: &App, who: &Who, queue: &str) -> anyhow::Result<bool> {
    ensure!(jobs::Job::QUEUES.contains(&queue), "there is no queue {queue:?}");
    let resuming = async {
        let mut sql = app.write.acquire().await?;
        Ok(i64::from(pauses::resume(&mut sql, queue).await?))
    };
    Ok(who.does(app, "resume", queue, resuming).await? == 1)
}

/// Does something to one job.
///
/// # Errors
///
/// If there is no such job, it is in a state in which this makes no sense, a worker took it
/// meanwhile, or Postgres is away.
pub async fn one(app: &App, who: &Who, act: Act, id: &str) -> anyhow::Result<()> {
    let Some(job) = queue::search::get(&app.read, id).await? else {
        bail!("there is no job {id}");
    };
    let (name, state) = (act.as_str(), job.state);
    ensure!(act.applies_to(state), "a job that is {state} cannot be told to {name}");
    let id = who.begins(app, name, id).await?;
    let count = batch(app, act, id, &[job]).await?;
    ensure!(count == 1, "a worker has taken it meanwhile");
    let mut sql = app.write.acquire().await?;
    Ok(acts::count(&mut sql, id, 0, true).await?)
}

/// Does something to all jobs that match, and returns to how many. Those that come to match while it
/// goes on are left alone. What is interrupted can be done once more.
///
/// # Errors
///
/// If this makes no sense for jobs in this state, it was told to stop, or Postgres is away: what was
/// done until then stays done, and stands in the audit.
pub async fn all(
    app: &App,
    who: &Who,
    act: Act,
    filter: &Filter,
    stop: &CancellationToken,
) -> anyhow::Result<i64> {
    let (name, state) = (act.as_str(), filter.state);
    ensure!(act.applies_to(state), "jobs that are {state} cannot be told to {name}");
    let id = who.begins(app, name, &filter.to_string()).await?;
    let began_at: DateTime<Utc> = sqlx::query_scalar("select now()").fetch_one(&app.read).await?;
    let (mut count, mut after) = (0, None);
    loop {
        let jobs = queue::acts::matching(&app.read, filter, began_at, after, BATCH).await?;
        let Some(last) = jobs.last() else { break };
        ensure!(!stop.is_cancelled(), "this process ends; {name} was done to {count} until now");
        after = Some(last.place());
        count += batch(app, act, id, &jobs).await?;
    }
    let mut sql = app.write.acquire().await?;
    acts::count(&mut sql, id, 0, true).await?;
    Ok(count)
}

/// One transaction of it: the jobs, and how many they are.
async fn batch(app: &App, act: Act, id: Uuid, jobs: &[Job]) -> anyhow::Result<i64> {
    let ids = |is: fn(State) -> bool| -> Vec<String> {
        jobs.iter().filter(|job| is(job.state)).map(|job| job.id.clone()).collect()
    };
    let mail_ids: Vec<MailId> = jobs.iter().filter_map(|job| mail_of(&job.ticket)).collect();
    let origin = Origin::default();
    // A mail first: a job that finds its mail given up would do nothing.
    if act == Act::Retry && !mail_ids.is_empty() {
        let mail_ids = mail_ids.clone();
        app.execute(RequeueEmails { mail_ids, accepted_too: false }, &origin).await?;
    }
    let mut tx = app.write.begin().await?;
    let count = match act {
        Act::Retry => {
            let scheduled = ids(|state| state == State::Scheduled);
            let dead = ids(|state| matches!(state, State::Dead | State::Dropped));
            queue::acts::hasten(&mut tx, &scheduled).await?
                + queue::acts::revive(&mut tx, &dead).await?
        }
        Act::Discard => queue::acts::let_rest(&mut tx, &ids(|_| true)).await?,
    };
    acts::count(&mut tx, id, count, false).await?;
    tx.commit().await?;
    if act == Act::Discard && !mail_ids.is_empty() {
        let reason = "discarded by an operator";
        app.execute(DiscardEmails { mail_ids, reason }, &origin).await?;
    }
    Ok(count)
}
