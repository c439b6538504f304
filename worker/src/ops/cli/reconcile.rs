//! `keyward-worker reconcile`: compares outbox and stream as sets.

use std::io::Write;

use clap::Args;
use keyward_core::App;

use crate::ops::reconcile::{Comparison, compare};

/// See [`crate::ops::reconcile`] for what is compared.
#[derive(Debug, Args)]
pub struct ReconcileCommand {
    /// Publish lost events again, and insert missing jobs.
    #[arg(long)]
    pub repair: bool,
}

impl ReconcileCommand {
    /// Compares, prints the result to `out`, and returns whether there is no gap left.
    ///
    /// # Errors
    ///
    /// If Postgres or NATS is unreachable, or `out` fails.
    pub async fn run(
        self,
        app: &App,
        nats: &async_nats::Client,
        out: &mut impl Write,
    ) -> anyhow::Result<bool> {
        let found = compare(app, nats).await?;
        show(&found, out)?;
        if found.gaps() == 0 {
            writeln!(out, "no gap")?;
            return Ok(true);
        }
        if !self.repair {
            let gaps = found.gaps();
            writeln!(
                out,
                "{gaps} gaps; `keyward-worker reconcile --repair` closes all but unknown ones"
            )?;
            return Ok(false);
        }
        let left = found.repair(app).await?;
        writeln!(out, "{} gaps closed, {left} left", found.gaps() - left)?;
        Ok(left == 0)
    }
}

fn show(found: &Comparison, out: &mut impl Write) -> std::io::Result<()> {
    let states = [
        (found.settled, "have all their jobs"),
        (found.in_progress, "are in progress in the stream"),
        (found.waiting, "wait to be published"),
        (found.parked, "are parked until a release can read them"),
        (found.unreadable, "were received by a release that can read them"),
    ];
    for (count, state) in states {
        writeln!(out, "{count:>10} events {state}")?;
    }
    for event in &found.lost {
        writeln!(out, "lost: {event} was published, had no effect, and is not in the stream")?;
    }
    for event in &found.skipped {
        writeln!(out, "skipped: {event} was acknowledged and had no effect")?;
    }
    for (event, kind) in &found.without_job {
        writeln!(out, "without its job: {event} has no {kind} job")?;
    }
    for message in &found.unknown {
        writeln!(out, "unknown: {message} is in the stream and was not committed")?;
    }
    Ok(())
}
