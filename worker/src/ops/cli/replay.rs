//! `keyward-worker replay`: repeats the jobs of earlier events.

use std::{collections::BTreeMap, io::Write};

use chrono::{DateTime, Utc};
use clap::Args;
use keyward_core::App;

use crate::ops::{actions::Actor, replay};

/// See [`replay::Replay`] for its guarantees.
#[derive(Debug, Args)]
pub struct Replay {
    /// Jobs of events since then, as in 2026-11-25T12:00:00Z.
    #[arg(long, value_name = "TIME")]
    from: DateTime<Utc>,
    /// Only jobs of this queue or kind; repeatable. Emails are sent only if they are named.
    #[arg(long, value_name = "NAME", value_parser = super::name())]
    only: Vec<String>,
    /// Only print what would be repeated.
    #[arg(long)]
    dry_run: bool,
}

impl Replay {
    /// Repeats the jobs, and prints their number to `out`.
    ///
    /// # Errors
    ///
    /// If Postgres is unreachable, or `out` fails.
    pub async fn run(self, app: &App, out: &mut impl Write) -> anyhow::Result<bool> {
        let Self { from, only, dry_run } = self;
        let replay = replay::Replay { from, only, dry_run };
        let mut counts = BTreeMap::new();
        if dry_run {
            counts = replay.run(app).await?;
        } else {
            let run = async {
                counts = replay.run(app).await?;
                Ok(i64::try_from(counts.values().sum::<usize>())?)
            };
            Actor::command_line().audited(app, "replay", &replay.to_string(), run).await?;
        }
        let verb = if dry_run { "would be repeated" } else { "repeated" };
        for (kind, count) in &counts {
            writeln!(out, "{count:>10} {kind} jobs {verb}")?;
        }
        if counts.is_empty() {
            writeln!(out, "there is nothing to repeat")?;
        }
        Ok(true)
    }
}
