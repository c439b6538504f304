//! `keyward-worker replay`: repeats the jobs of earlier events.

use std::{collections::BTreeMap, fmt, io::Write};

use chrono::{DateTime, Utc};
use clap::Args;
use keyward_core::{
    App,
    commands::internal::RequeueEmails,
    origin::Origin,
    pipeline::outbox::comparison::{EventProgress, OutboxEntry, entries},
};
use uuid::Uuid;

use super::print::time;
use crate::{
    jobs::kinds_named,
    ops::actions::ActingOperator,
    pipeline::{reactions::jobs_for, stream},
    queue::{enqueue, job_record::mail_id},
};

/// Events that are read at a time.
const PAGE: i64 = 1_000;

/// Which jobs to repeat.
///
/// An email is sent again only if its queue or kind is named. Then also an accepted email is sent again,
/// with the same `Message-ID`; one whose link was used or replaced is not.
#[derive(Debug, Args)]
pub struct ReplayCommand {
    /// Jobs of events since then, as in 2026-11-25T12:00:00Z.
    #[arg(long, value_name = "TIME")]
    from: DateTime<Utc>,
    /// Only jobs of this queue or kind; repeatable. Emails are sent only if they are named.
    #[arg(long, value_name = "NAME", value_parser = super::queue_name::queue_name())]
    only: Vec<String>,
    /// Only print what would be repeated.
    #[arg(long)]
    dry_run: bool,
}

/// As the audit log shows it.
impl fmt::Display for ReplayCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "events since {}", time(Some(self.from)))?;
        match &self.only[..] {
            [] => Ok(()),
            names => write!(f, ", only {}", names.join(", ")),
        }
    }
}

/// The number of jobs for each kind.
type Counts = BTreeMap<&'static str, usize>;

impl ReplayCommand {
    /// Repeats the jobs, and prints their number to `out`.
    ///
    /// # Errors
    ///
    /// If Postgres is unreachable, or `out` fails. Jobs that were inserted before stay.
    pub async fn run(self, app: &App, out: &mut impl Write) -> anyhow::Result<bool> {
        let mut counts = Counts::new();
        if self.dry_run {
            self.repeat(app, &mut counts).await?;
        } else {
            let run = async {
                self.repeat(app, &mut counts).await?;
                Ok(i64::try_from(counts.values().sum::<usize>())?)
            };
            ActingOperator::command_line().audited(app, "replay", &self.to_string(), run).await?;
        }
        let verb = if self.dry_run { "would be repeated" } else { "repeated" };
        for (kind, count) in &counts {
            writeln!(out, "{count:>10} {kind} jobs {verb}")?;
        }
        if counts.is_empty() {
            writeln!(out, "there is nothing to repeat")?;
        }
        Ok(true)
    }

    /// Inserts the jobs beside the earlier ones.
    async fn repeat(&self, app: &App, counts: &mut Counts) -> anyhow::Result<()> {
        // Part of the idempotency keys: within a run no job is repeated twice.
        let run = Uuid::now_v7();
        let stream = stream::name(&app.settings.namespace);
        let mut after = 0;
        loop {
            let mut sql = app.read.acquire().await?;
            let page = entries(&mut sql, &stream, after, PAGE).await?;
            drop(sql);
            let Some(last) = page.last() else { return Ok(()) };
            after = last.position;
            let is_received = |entry: &&OutboxEntry| entry.progress == EventProgress::Received;
            for entry in page.iter().filter(is_received) {
                self.repeat_event(app, entry, run, counts).await?;
            }
        }
    }

    async fn repeat_event(
        &self,
        app: &App,
        entry: &OutboxEntry,
        run: Uuid,
        counts: &mut Counts,
    ) -> anyhow::Result<()> {
        let Ok(envelope) = entry.envelope() else {
            tracing::warn!(event.id = %entry.event_id, "this release cannot read the event, and skips it");
            return Ok(());
        };
        if envelope.occurred_at < self.from {
            return Ok(());
        }
        for job in jobs_for(&envelope)? {
            let (kind, mail_id) = (job.kind, mail_id(&job.payload));
            let is_named = self.only.iter().any(|name| kinds_named(name).contains(&kind));
            if !is_named && (mail_id.is_some() || !self.only.is_empty()) {
                continue;
            }
            if !self.dry_run {
                if let Some(mail_id) = mail_id {
                    let command = RequeueEmails { mail_ids: vec![mail_id], accepted_too: true };
                    if app.execute(command, &Origin::default()).await? == 0 {
                        continue;
                    }
                }
                let mut sql = app.write.acquire().await?;
                let key = format!("{}:{run}", job.idempotency_key);
                enqueue(&mut sql, &[job.with_key(key)]).await?;
            }
            *counts.entry(kind).or_default() += 1;
        }
        Ok(())
    }
}
