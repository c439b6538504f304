//! `keyward-worker dead`: what nobody tries any more.

use std::io::Write;

use clap::Subcommand;
use keyward_core::App;

use super::time;
use crate::ops::{
    board::{acts::Who, words::plain},
    dead,
};

/// What can be done about it. What is retried has all its attempts again; what is dropped is not
/// shown any more.
#[derive(Debug, Subcommand)]
pub enum Dead {
    /// List what there is, the latest first, with why it was given up.
    List {
        /// Only jobs of this queue.
        #[arg(long, value_parser = super::queue())]
        queue: Option<String>,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
    },
    /// Show everything that is known of one.
    Show {
        /// As `list` calls it.
        id: String,
    },
    /// Try again.
    Retry {
        /// As `list` calls them.
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Let rest: not tried again, and not shown any more.
    Drop {
        /// As `list` calls them.
        #[arg(required = true)]
        ids: Vec<String>,
    },
}

impl Dead {
    /// Does it, says on `out` what it did, and returns whether all went well.
    ///
    /// # Errors
    ///
    /// If Postgres is away, or `out` cannot be written to.
    pub async fn run(self, app: &App, out: &mut impl Write) -> anyhow::Result<bool> {
        let who = Who::at_command_line();
        match self {
            Self::List { queue, limit } => {
                let found = dead::list(app, queue.as_deref(), limit).await?;
                for one in &found {
                    let (id, at, place) = (&one.id, time(one.died_at), &one.place);
                    writeln!(out, "{id}  {at}  {place}  {}", one.last_error)?;
                }
                if found.is_empty() {
                    writeln!(out, "nothing is dead")?;
                }
                Ok(true)
            }
            Self::Show { id } => {
                show(&dead::get(app, &id).await?, out)?;
                Ok(true)
            }
            Self::Retry { ids } => {
                each(ids, out, "is tried again", async |id| dead::retry(app, &who, id).await).await
            }
            Self::Drop { ids } => {
                each(ids, out, "was dropped", async |id| dead::let_rest(app, &who, id).await).await
            }
        }
    }
}

fn show(one: &dead::Dead, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "id           {}", one.id)?;
    writeln!(out, "place        {}", one.place)?;
    writeln!(out, "attempts     {}", one.attempts)?;
    if let Some((error, at)) = &one.first_error {
        writeln!(out, "first error  {}  {error}", time(*at))?;
    }
    writeln!(out, "last error   {}  {}", time(one.died_at), one.last_error)?;
    // What came from outside must not steer the terminal.
    let payload = plain(&one.payload);
    writeln!(out, "payload      {payload}")
}

/// Does something with each, and goes on when one of them cannot be.
async fn each(
    ids: Vec<String>,
    out: &mut impl Write,
    done: &str,
    act: impl AsyncFn(&str) -> anyhow::Result<()>,
) -> anyhow::Result<bool> {
    let mut all_well = true;
    for id in ids {
        match act(&id).await {
            Ok(()) => writeln!(out, "{id} {done}")?,
            Err(error) => {
                all_well = false;
                writeln!(out, "{id} stays as it is: {error:#}")?;
            }
        }
    }
    Ok(all_well)
}
