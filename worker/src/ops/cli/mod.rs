//! The command line of `keyward-worker`: it works, or shows and mends what became of events.

mod dead;
mod jobs;
mod mail;
mod queues;
mod reconcile;
mod replay;
mod trace;

use std::io::Write;

use async_nats::ConnectOptions;
use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Parser, Subcommand, builder::PossibleValuesParser};
use keyward_core::App;

pub use dead::Dead;
pub use jobs::Jobs;
pub use mail::Mail;
pub use queues::Queues;
pub use reconcile::Reconcile;
pub use replay::Replay;
pub use trace::Trace;

use crate::jobs::Job;

/// Runs a worker of Keyward, or does one thing on the command line.
///
/// Every command reads the same settings as the worker: environment variables and `.env`.
#[derive(Debug, Parser)]
#[command(name = "keyward-worker", version, propagate_version = true)]
pub struct Cli {
    /// What to do; without a command the worker works.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What `keyward-worker` can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Work until SIGTERM or Ctrl-C. The same as no command at all.
    Work,
    /// Compare outbox, stream and inbox, and name every event that is missing somewhere.
    ///
    /// Ends with 1 if there is a gap. Can be run at any time.
    Reconcile(Reconcile),
    /// What nobody tries any more: events that could not be read, and jobs that were given up.
    #[command(subcommand)]
    Dead(Dead),
    /// What is in each queue, and whether all is well; pause one, and resume it.
    ///
    /// Ends with 1 if something needs somebody.
    Queues(Queues),
    /// Jobs: list them, show the story of one, retry or discard one or all that match.
    #[command(subcommand)]
    Jobs(Jobs),
    /// The whole story of a request, a trace, an event, a mail, a user or a job.
    Trace(Trace),
    /// Do the jobs of earlier events once more. No mail is sent twice unless its queue is named.
    Replay(Replay),
    /// The way to the mail relay.
    #[command(subcommand)]
    Mail(Mail),
}

impl Cli {
    /// Reads the arguments of this process. Ends it with code 2 if they make no sense, and after
    /// `--help` and `--version`.
    #[must_use]
    pub fn of_process() -> Self {
        Self::parse()
    }
}

impl Command {
    /// Does it, says on `out` what it did, and returns whether all is well. `connect` leads to NATS,
    /// for those that need it; the state of the queues is told without it, too.
    ///
    /// # Errors
    ///
    /// If Postgres or NATS is away, what is named is not there, or `out` cannot be written to.
    pub async fn run(
        self,
        app: &App,
        connect: impl AsyncFnOnce(ConnectOptions) -> anyhow::Result<async_nats::Client>,
        out: &mut impl Write,
    ) -> anyhow::Result<bool> {
        match self {
            Self::Work => Ok(true),
            Self::Reconcile(command) => {
                command.run(app, &connect(ConnectOptions::new()).await?, out).await
            }
            Self::Dead(command) => command.run(app, out).await,
            Self::Queues(command) => {
                let options = ConnectOptions::new().retry_on_initial_connect();
                command.run(app, &connect(options).await?, out).await
            }
            Self::Jobs(command) => command.run(app, out).await,
            Self::Trace(command) => command.run(app, out).await,
            Self::Replay(command) => command.run(app, out).await,
            Self::Mail(command) => command.run(app, out),
        }
    }
}

/// The name of a queue.
fn queue() -> PossibleValuesParser {
    PossibleValuesParser::new(Job::QUEUES)
}

/// A moment, or a dash.
fn time(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(|| "-".to_owned(), |at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed_and_needs_no_command() {
        Cli::command().debug_assert();
        assert!(Cli::parse_from(["keyward-worker"]).command.is_none());
    }

    #[test]
    fn what_is_no_queue_or_no_time_is_refused_with_the_reason() {
        let refused = |args: &[&str]| {
            let error = Cli::try_parse_from(["keyward-worker", "replay"].iter().chain(args));
            let error = error.unwrap_err();
            assert_eq!(error.exit_code(), 2);
            error.to_string()
        };
        let from = "2026-11-25T12:00:00Z";
        assert!(refused(&["--from", from, "--only", "mails"]).contains("verification-email"));
        assert!(refused(&["--from", "yesterday"]).contains("yesterday"));
        assert!(refused(&[]).contains("--from"));
    }
}
