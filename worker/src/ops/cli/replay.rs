//! `keyward-worker replay`: the jobs of earlier events, once more.

use std::{collections::BTreeMap, io::Write};

use chrono::{DateTime, Utc};
use clap::Args;
use keyward_core::App;

use crate::ops::{board::acts::Who, replay};

/// See [`replay::Replay`] for what it promises.
#[derive(Debug, Args)]
pub struct Replay {
    /// Of events since then, as in 2026-11-25T12:00:00Z.
    #[arg(long, value_name = "TIME")]
    from: DateTime<Utc>,
    /// Only jobs of this queue; may be given several times. Mails are sent only if they are named.
    #[arg(long, value_name = "QUEUE", value_parser = super::queue())]
    only: Vec<String>,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
}

impl Replay {
    /// Does it, and says on `out` what it did.
    ///
    /// # Errors
    ///
    /// If Postgres is away, or `out` cannot be written to.
    pub async fn run(self, app: &App, out: &mut impl Write) -> anyhow::Result<bool> {
        let Self { from, only, dry_run } = self;
        let replay = replay::Replay { from, queues: only, dry_run };
        let mut counts = BTreeMap::new();
        if dry_run {
            counts = replay.run(app).await?;
        } else {
            let doing = async {
                counts = replay.run(app).await?;
                Ok(i64::try_from(counts.values().sum::<usize>())?)
            };
            Who::at_command_line().does(app, "replay", &replay.to_string(), doing).await?;
        }
        let what = if dry_run { "would be done once more" } else { "are done once more" };
        for (queue, count) in &counts {
            writeln!(out, "{count:>10} jobs of {queue} {what}")?;
        }
        if counts.is_empty() {
            writeln!(out, "there is nothing to do")?;
        }
        Ok(true)
    }
}
