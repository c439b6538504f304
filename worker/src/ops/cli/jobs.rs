//! `keyward-worker jobs`: lists of jobs and actions on them.

use std::io::Write;

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use keyward_core::App;
use tokio_util::sync::CancellationToken;

use super::{
    print::{self, each},
    trace,
};
use crate::{
    ops::{
        Filter, JobState,
        actions::{self, ActingOperator, JobAction},
        words::count,
    },
    queue::list,
};

/// Commands on jobs.
#[derive(Debug, Subcommand)]
pub enum JobsCommand {
    /// List jobs in a state: open jobs in the order in which they are due, ended jobs latest first.
    List {
        /// Which jobs.
        #[command(flatten)]
        matching: Matching,
        /// Most jobs.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
    },
    /// Show the history of a job: its request, event, attempts and email.
    Show {
        /// Its id in the list.
        id: String,
    },
    /// Put dead jobs back with all their attempts.
    Retry(JobsTarget),
    /// Make the next attempt of scheduled jobs due now.
    RunNow(JobsTarget),
    /// Discard jobs: no other attempt, and their emails count as failed.
    Discard(JobsTarget),
}

/// Which jobs.
#[derive(Debug, Args)]
pub struct Matching {
    /// Of this queue or kind.
    #[arg(long, value_parser = super::queue_name::queue_name())]
    queue: Option<String>,
    /// In this state; `run-now` takes scheduled jobs, everything else dead ones by default.
    #[arg(long, value_parser = PossibleValuesParser::new(JobState::LISTED.map(JobState::as_str)))]
    state: Option<String>,
    /// Whose last error contains these words.
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,
}

/// Jobs by their ids, or all that match.
#[derive(Debug, Args)]
pub struct JobsTarget {
    /// Their ids in the list.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    ids: Vec<String>,
    /// All that match `--queue`, `--state` and `--search`: prints their number.
    #[arg(long = "matching", id = "all")]
    all: bool,
    #[command(flatten)]
    matching: Matching,
    /// Change all that match.
    #[arg(long, requires = "all", conflicts_with = "ids")]
    yes: bool,
}

impl JobsCommand {
    /// Runs the command, prints the result to `out`, and returns whether all went well.
    ///
    /// # Errors
    ///
    /// If Postgres is unreachable, there is no such job, the action does not apply, or `out` fails.
    pub async fn run(self, app: &App, out: &mut impl Write) -> anyhow::Result<bool> {
        match self {
            Self::List { matching, limit } => {
                let filter = matching.filter(JobState::Dead)?;
                let found = list::list(&app.read, &filter, None, limit).await?;
                for job in &found {
                    writeln!(out, "{}", print::job(job))?;
                }
                if found.is_empty() {
                    writeln!(out, "there are none: {filter}")?;
                }
                Ok(true)
            }
            Self::Show { id } => trace::show_job(app, &id, out).await,
            Self::Retry(target) => target.run(app, JobAction::Retry, out).await,
            Self::RunNow(target) => target.run(app, JobAction::RunNow, out).await,
            Self::Discard(target) => target.run(app, JobAction::Discard, out).await,
        }
    }
}

impl JobsTarget {
    async fn run(self, app: &App, action: JobAction, out: &mut impl Write) -> anyhow::Result<bool> {
        let actor = ActingOperator::command_line();
        let (done, state) = match action {
            JobAction::Retry => ("retried", JobState::Dead),
            JobAction::RunNow => ("run now", JobState::Scheduled),
            JobAction::Discard => ("discarded", JobState::Dead),
        };
        if !self.all {
            let run = async |id: &str| actions::on_job(app, &actor, action, id).await;
            return Ok(each(self.ids, out, done, run).await?);
        }
        let filter = self.matching.filter(state)?;
        if self.yes {
            let stop = CancellationToken::new();
            let number = actions::on_matching(app, &actor, action, &filter, &stop).await?;
            writeln!(out, "{} {done}: {filter}", count(number, "job"))?;
        } else {
            let number = count(list::count(&app.read, &filter).await?, "job");
            writeln!(out, "{number} would be {done}: {filter}; --yes changes them")?;
        }
        Ok(true)
    }
}

impl Matching {
    fn filter(&self, default: JobState) -> anyhow::Result<Filter> {
        let state = self.state.as_deref().map_or(Ok(default), str::parse)?;
        Ok(Filter::new(self.queue.as_deref(), state, self.search.clone()))
    }
}
