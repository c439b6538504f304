//! `keyward-worker jobs`: what the board does with jobs, on the command line.

use std::io::Write;

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use keyward_core::App;
use tokio_util::sync::CancellationToken;

use super::{time, trace};
use crate::ops::board::{
    acts::{self, Act, Who},
    jobs::{self, Filter, Job, State},
    words::{count, plain},
};

/// What can be done with jobs.
#[derive(Debug, Subcommand)]
pub enum Jobs {
    /// List jobs in a state: what waits in the order of its turn, what ended with the latest first.
    List {
        /// Which ones.
        #[command(flatten)]
        which: Which,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
    },
    /// Show the whole story of one: its request, its event, its attempts, its mail.
    Show {
        /// As `list` calls it.
        id: String,
    },
    /// Try dead ones again, with all their attempts; scheduled ones now.
    Retry(Target),
    /// Let them rest: not tried any more. Mails that they would have sent count as failed.
    Discard(Target),
}

/// Which jobs.
#[derive(Debug, Args)]
pub struct Which {
    /// Of this queue.
    #[arg(long, value_parser = super::queue())]
    queue: Option<String>,
    /// In this state.
    #[arg(long, default_value = "dead", value_parser = states())]
    state: String,
    /// Whose last error has these words in it.
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,
}

/// Some jobs by their ids, or all that match.
#[derive(Debug, Args)]
pub struct Target {
    /// As `list` calls them.
    #[arg(required_unless_present = "matching", conflicts_with = "matching")]
    ids: Vec<String>,
    /// All that match `--queue`, `--state` and `--search`: says how many these are.
    #[arg(long)]
    matching: bool,
    #[command(flatten)]
    which: Which,
    /// Does it to all that match.
    #[arg(long, requires = "matching", conflicts_with = "ids")]
    yes: bool,
}

impl Jobs {
    /// Does it, says on `out` what it did or found, and returns whether all went well.
    ///
    /// # Errors
    ///
    /// If Postgres is away, there is no such job, it makes no sense, or `out` cannot be written to.
    pub async fn run(self, app: &App, out: &mut impl Write) -> anyhow::Result<bool> {
        match self {
            Self::List { which, limit } => {
                let filter = which.filter()?;
                let found = jobs::list(app, &filter, None, limit).await?;
                for job in &found {
                    writeln!(out, "{}", line(job))?;
                }
                if found.is_empty() {
                    writeln!(out, "there are none: {filter}")?;
                }
                Ok(true)
            }
            Self::Show { id } => trace::show_job(app, &id, out).await,
            Self::Retry(target) => target.run(app, Act::Retry, out).await,
            Self::Discard(target) => target.run(app, Act::Discard, out).await,
        }
    }
}

impl Target {
    async fn run(self, app: &App, act: Act, out: &mut impl Write) -> anyhow::Result<bool> {
        let who = Who::at_command_line();
        let done = match act {
            Act::Retry => "tried again",
            Act::Discard => "discarded",
        };
        if self.matching {
            let filter = self.which.filter()?;
            if self.yes {
                let number = acts::all(app, &who, act, &filter, &CancellationToken::new()).await?;
                writeln!(out, "{} {done}: {filter}", count(number, "job"))?;
            } else {
                let number = count(jobs::count(app, &filter).await?, "job");
                writeln!(out, "{number} would be {done}: {filter}; --yes does it")?;
            }
            return Ok(true);
        }
        let mut all_well = true;
        for id in self.ids {
            match acts::one(app, &who, act, &id).await {
                Ok(()) => writeln!(out, "{id} {done}")?,
                Err(error) => {
                    all_well = false;
                    writeln!(out, "{id} stays as it is: {error:#}")?;
                }
            }
        }
        Ok(all_well)
    }
}

impl Which {
    fn filter(&self) -> anyhow::Result<Filter> {
        Ok(Filter::new(self.queue.clone(), self.state.parse()?, self.search.clone()))
    }
}

/// A job in one line.
pub(super) fn line(job: &Job) -> String {
    let (at, _) = job.place();
    let error = plain(job.last_error.as_deref().unwrap_or_default());
    let attempts = format!("{}/{}", job.attempts, job.max_attempts);
    let line = format!(
        "{}  {}  {}  {}  {attempts}  {error}",
        job.id,
        time(Some(at)),
        job.queue,
        job.state
    );
    line.trim_end().to_owned()
}

fn states() -> PossibleValuesParser {
    PossibleValuesParser::new(State::LISTED.map(State::as_str))
}
