//! `keyward-worker queues`: the kinds of jobs in each queue, and what needs attention.

use std::io::Write;

use clap::{Args, Subcommand};
use keyward_core::App;

use crate::ops::{
    actions::{self, ActingOperator, QueueAction},
    health::HealthSummary,
    snapshot::QueueSnapshot,
    words::{ms_or_dash, number, span},
};

/// Lists the queues without a command.
#[derive(Debug, Args)]
pub struct QueuesCommand {
    #[command(subcommand)]
    command: Option<QueueCommand>,
}

#[derive(Debug, Subcommand)]
enum QueueCommand {
    /// Start no new attempt of this queue or kind, in any process; running attempts end.
    Pause {
        /// The queue or kind.
        #[arg(value_parser = super::queue_name::queue_name())]
        name: String,
    },
    /// Resume this queue or kind.
    Resume {
        /// The queue or kind.
        #[arg(value_parser = super::queue_name::queue_name())]
        name: String,
    },
}

impl QueuesCommand {
    /// Runs the command, prints the result to `out`, and returns whether all is well.
    ///
    /// # Errors
    ///
    /// If Postgres is unreachable, or `out` fails.
    pub async fn run(
        self,
        app: &App,
        nats: &async_nats::Client,
        out: &mut impl Write,
    ) -> anyhow::Result<bool> {
        let (action, name) = match self.command {
            None => return list(app, &QueueSnapshot::take(app, nats).await?, out),
            Some(QueueCommand::Pause { name }) => (QueueAction::Pause, name),
            Some(QueueCommand::Resume { name }) => (QueueAction::Resume, name),
        };
        let has_changed =
            actions::on_queue(app, &ActingOperator::command_line(), action, &name).await?;
        let state = match (action, has_changed) {
            (QueueAction::Pause, true) => "is paused",
            (QueueAction::Pause, false) => "is already paused",
            (QueueAction::Resume, true) => "is resumed",
            (QueueAction::Resume, false) => "is not paused",
        };
        writeln!(out, "{name} {state}")?;
        Ok(true)
    }
}

fn list(app: &App, snapshot: &QueueSnapshot, out: &mut impl Write) -> anyhow::Result<bool> {
    writeln!(
        out,
        "{:<32} {:>9} {:>8} {:>9} {:>8} {:>8} {:>11} {:>9} {:>8}",
        "kind",
        "available",
        "oldest",
        "scheduled",
        "running",
        "dead",
        "completed/h",
        "failed/h",
        "p95"
    )?;
    for kind in &snapshot.kinds {
        let (jobs, hour) = (&kind.jobs, &kind.last_hour);
        let oldest = jobs.oldest_available_s.map_or_else(|| "-".to_owned(), |age| span(&age));
        let paused = kind.pause.as_ref().map(|pause| format!("  paused by {}", pause.by));
        writeln!(
            out,
            "{:<32} {:>9} {oldest:>8} {:>9} {:>8} {:>8} {:>11} {:>9} {:>8}{}",
            kind.kind,
            number(jobs.available),
            number(jobs.scheduled),
            number(jobs.running),
            number(jobs.dead),
            number(hour.completed()),
            number(hour.failed()),
            ms_or_dash(hour.run_times.percentile_ms(0.95)).replace('–', "-"),
            paused.unwrap_or_default(),
        )?;
    }
    let summary = HealthSummary::new(snapshot, app.clock.now());
    writeln!(out, "\n{}", summary.sentence())?;
    for finding in &summary.findings {
        writeln!(out, "{}", finding.text)?;
    }
    Ok(summary.is_well())
}
