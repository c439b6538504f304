//! `keyward-worker queues`: what is in each queue, and whether all is well.

use std::io::Write;

use clap::{Args, Subcommand};
use keyward_core::App;

use crate::ops::board::{
    Census,
    acts::{self, Who},
    verdict,
    words::{ms_or_dash, number, span},
};

/// Without a command: lists the queues.
#[derive(Debug, Args)]
pub struct Queues {
    #[command(subcommand)]
    act: Option<Act>,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Begin no new attempt in this queue, in any process; what is running ends.
    Pause {
        /// Which one.
        #[arg(value_parser = super::queue())]
        queue: String,
    },
    /// Go on with this queue.
    Resume {
        /// Which one.
        #[arg(value_parser = super::queue())]
        queue: String,
    },
}

impl Queues {
    /// Does it, says on `out` what it did or found, and returns whether all is well.
    ///
    /// # Errors
    ///
    /// If Postgres is away, or `out` cannot be written to.
    pub async fn run(
        self,
        app: &App,
        nats: &async_nats::Client,
        out: &mut impl Write,
    ) -> anyhow::Result<bool> {
        let who = Who::at_command_line();
        match self.act {
            None => list(app, &Census::take(app, nats).await?, out),
            Some(Act::Pause { queue }) => {
                let is_new = acts::pause(app, &who, &queue).await?;
                let before = if is_new { "" } else { ", as before" };
                writeln!(out, "{queue} is paused{before}")?;
                Ok(true)
            }
            Some(Act::Resume { queue }) => {
                let was_paused = acts::resume(app, &who, &queue).await?;
                let before = if was_paused { "" } else { ", as before" };
                writeln!(out, "{queue} goes on{before}")?;
                Ok(true)
            }
        }
    }
}

fn list(app: &App, census: &Census, out: &mut impl Write) -> anyhow::Result<bool> {
    writeln!(
        out,
        "{:<32} {:>9} {:>8} {:>9} {:>8} {:>8} {:>9} {:>9} {:>8}",
        "queue", "waiting", "oldest", "later", "running", "dead", "done/h", "failed/h", "p95"
    )?;
    for queue in &census.queues {
        let (jobs, hour) = (&queue.jobs, &queue.hour);
        let oldest = jobs.oldest_waiting_s.map_or_else(|| "-".to_owned(), span);
        let paused = queue.paused.as_ref().map(|pause| format!("  paused by {}", pause.by));
        writeln!(
            out,
            "{:<32} {:>9} {oldest:>8} {:>9} {:>8} {:>8} {:>9} {:>9} {:>8}{}",
            queue.name,
            number(jobs.waiting),
            number(jobs.scheduled),
            number(jobs.running),
            number(jobs.dead),
            number(hour.done()),
            number(hour.failed()),
            ms_or_dash(&hour.run_times.percentile(0.95)).replace('–', "-"),
            paused.unwrap_or_default(),
        )?;
    }
    let findings = verdict::findings(census, app.clock.now());
    writeln!(out, "\n{}", verdict::sentence(&findings))?;
    for finding in &findings {
        writeln!(out, "{}", finding.text)?;
    }
    Ok(!findings.iter().any(|finding| finding.is_bad))
}
