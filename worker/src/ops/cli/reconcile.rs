//! `keyward-worker reconcile`: compares outbox and stream as sets.

use std::io::Write;

use chrono::SecondsFormat;
use clap::Args;
use keyward_core::{App, domain::UserId};

use crate::ops::reconcile::{
    Comparison, compare,
    unknown::{AffectedAccounts, Unknown},
};

/// Unknown events, and accounts in each state, that are listed by default.
const LISTED: usize = 20;

/// See [`crate::ops::reconcile`] for what is compared.
#[derive(Debug, Args)]
pub struct ReconcileCommand {
    /// Publish lost events again, and insert missing jobs.
    #[arg(long)]
    pub repair: bool,
    /// After a restore of Postgres: accept that the unknown events are lost, and report them no longer.
    #[arg(long)]
    pub accept_loss: bool,
    /// List every unknown event and every account that has lost changes, not only the first 20.
    #[arg(long)]
    pub all: bool,
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
        let limit = if self.all { usize::MAX } else { LISTED };
        let found = compare(app, nats, limit).await?;
        show(&found, out)?;
        let (gaps, unknown) = (found.gaps(), found.unknown.count());
        if unknown > 0 {
            show_unknown(&found.unknown, &found.unknown.affected_accounts(app).await?, limit, out)?;
        }
        if gaps == 0 {
            writeln!(out, "no gap")?;
            return Ok(true);
        }
        let mut left = gaps;
        if self.repair {
            found.repair(app).await?;
            left -= found.without_job.len();
        }
        if self.accept_loss {
            found.unknown.accept(app).await?;
            left -= unknown;
        }
        if self.repair || self.accept_loss {
            // Both publish them again.
            left -= found.lost.len() + found.skipped.len();
        }
        if self.repair || self.accept_loss {
            writeln!(out, "{} gaps closed, {left} left", gaps - left)?;
        } else {
            let advice = "`keyward-worker reconcile --repair` closes all but unknown ones";
            writeln!(out, "{gaps} gaps; {advice}")?;
        }
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
        (found.unknown.accepted, "are accepted as lost in a restore"),
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
    for message in &found.unknown.named {
        writeln!(out, "unknown: {message}")?;
    }
    Ok(())
}

/// Says what the unknown events are, and what to do.
fn show_unknown(
    unknown: &Unknown,
    affected: &AffectedAccounts,
    limit: usize,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let more = unknown.count() - unknown.named.len();
    if more > 0 {
        writeln!(out, "and {more} more unknown ones (--all lists them)")?;
    }
    let Some((first, last)) = unknown.period else { return Ok(()) };
    let [first, last] = [first, last].map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true));
    writeln!(
        out,
        "\n{} events from {first} to {last} are in the stream, and this database never committed \
         them. They have no effect. If Postgres was restored from a backup, they are lost:",
        unknown.events(),
    )?;
    for (subject, count) in &unknown.types {
        writeln!(out, "{count:>10} {subject}")?;
    }
    let mut list = |accounts: &[UserId], state: &str| {
        if accounts.is_empty() {
            return Ok(());
        }
        writeln!(out, "{:>10} accounts {state}:", accounts.len())?;
        for account in accounts.iter().take(limit) {
            writeln!(out, "           {account}")?;
        }
        match accounts.len().saturating_sub(limit) {
            0 => Ok(()),
            more => writeln!(out, "           and {more} more (--all lists them)"),
        }
    };
    list(&affected.set_back, "have their state at the time of the backup")?;
    list(&affected.missing, "do not exist: they were created since the backup")?;
    writeln!(
        out,
        "What to do (docs/operate/backups.md):\n\
         1. Keep this report: `keyward-worker reconcile --all`.\n\
         2. Run `keyward-worker reconcile --accept-loss`: the versions of these accounts continue \
         above the lost ones, and the report ends.\n\
         3. Let your services read these accounts again, and remove those that do not exist.\n\
         4. Tell the owners: changes such as a new password are undone, and links and sessions that \
         were used or ended since the backup are valid again. To end them, replace LINK_KEY and \
         SESSION_KEY.\n\
         If Postgres was not restored, another program publishes to Keyward's subjects.\n"
    )
}
