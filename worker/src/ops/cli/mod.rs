//! The command line of `keyward-worker`.

mod events;
mod jobs;
mod mail;
mod print;
mod queue_name;
mod queues;
mod reconcile;
mod replay;
mod trace;

use std::io::Write;

use async_nats::ConnectOptions;
use clap::{Parser, Subcommand};
use keyward_core::App;

pub use events::EventsCommand;
pub use jobs::JobsCommand;
pub use mail::MailCommand;
pub use queues::QueuesCommand;
pub use reconcile::ReconcileCommand;
pub use replay::ReplayCommand;
pub use trace::TraceCommand;

/// Run a worker of Keyward, or one operator command.
///
/// Every command reads the same settings as the worker: environment variables and `.env`.
#[derive(Debug, Parser)]
#[command(name = "keyward-worker", version, propagate_version = true)]
pub struct Cli {
    /// The command; without one the worker runs.
    #[command(subcommand)]
    pub command: Option<WorkerCommand>,
}

/// The commands of `keyward-worker`.
#[derive(Debug, Subcommand)]
pub enum WorkerCommand {
    /// Run the worker until SIGTERM or Ctrl-C. The same as no command at all.
    Work,
    /// Compare outbox and stream, and name every missing event.
    ///
    /// Exits with 1 if there is a gap. Can run at any time.
    Reconcile(ReconcileCommand),
    /// List, show or discard unreadable events.
    #[command(subcommand)]
    Events(EventsCommand),
    /// Show the queues and what needs attention; pause and resume a queue or a kind of job.
    ///
    /// Exits with 1 if something needs attention.
    Queues(QueuesCommand),
    /// List jobs, show one, and retry or discard one or all that match.
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// Show the history of a request, trace, event, email, user or job.
    Trace(TraceCommand),
    /// Repeat the jobs of earlier events. Sends an email again only if its kind is named.
    Replay(ReplayCommand),
    /// Check the mail relay; write the emails to a folder; list and lift suppressions.
    #[command(subcommand)]
    Mail(MailCommand),
}

impl Cli {
    /// Reads the arguments of this process. Exits with 2 if they are invalid, and after `--help` and
    /// `--version`.
    #[must_use]
    pub fn of_process() -> Self {
        Self::parse()
    }
}

impl WorkerCommand {
    /// Runs the command, prints the result to `out`, and returns whether all is well. `connect` connects
    /// to NATS, for commands that need it; `queues` works without NATS too.
    ///
    /// # Errors
    ///
    /// If Postgres or NATS is unreachable, the target does not exist, or `out` fails.
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
            Self::Events(command) => command.run(app, out).await,
            Self::Queues(command) => {
                let options = ConnectOptions::new().retry_on_initial_connect();
                command.run(app, &connect(options).await?, out).await
            }
            Self::Jobs(command) => command.run(app, out).await,
            Self::Trace(command) => command.run(app, out).await,
            Self::Replay(command) => command.run(app, out).await,
            Self::Mail(command) => command.run(app, out).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn command_line_is_well_formed_and_needs_no_command() {
        Cli::command().debug_assert();
        assert!(Cli::parse_from(["keyward-worker"]).command.is_none());
    }

    #[test]
    fn unknown_queue_or_time_is_rejected_with_the_reason() {
        let error_of = |args: &[&str]| {
            let error = Cli::try_parse_from(["keyward-worker", "replay"].iter().chain(args));
            let error = error.unwrap_err();
            assert_eq!(error.exit_code(), 2);
            error.to_string()
        };
        let from = "2026-11-25T12:00:00Z";
        assert!(error_of(&["--from", from, "--only", "mails"]).contains("verification-email"));
        assert!(error_of(&["--from", "yesterday"]).contains("yesterday"));
        assert!(error_of(&[]).contains("--from"));
    }
}
