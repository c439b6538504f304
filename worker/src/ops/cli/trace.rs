//! `keyward-worker trace`: the history of a request, trace, event, email, user or job.

use std::io::Write;

use anyhow::{Context as _, bail};
use clap::Args;
use keyward_core::App;

use super::print::{self, time};
use crate::ops::{
    trace::{self, id_in},
    words::{ms, plain},
};

/// Takes ids only; addresses are not searched.
#[derive(Debug, Args)]
pub struct TraceCommand {
    /// Id of a request, a trace, an event, an email (`Message-ID`), a user or a job.
    id: String,
}

impl TraceCommand {
    /// Prints the history to `out`.
    ///
    /// # Errors
    ///
    /// If there is none, Postgres is unreachable, or `out` fails.
    pub async fn run(self, app: &App, out: &mut impl Write) -> anyhow::Result<bool> {
        let found = trace::find(app, &self.id, i64::MAX).await?;
        if found.is_empty() {
            let id = id_in(&self.id);
            bail!("nothing has the id {id}; events older than EVENT_RETENTION_S are deleted");
        }
        for email in &found.emails {
            print::email(email, out)?;
        }
        for event in &found.events {
            print::event(event, out)?;
        }
        for job in &found.jobs {
            writeln!(out, "job       {}", print::job(job))?;
        }
        Ok(true)
    }
}

/// Prints the history of one job to `out`.
pub(super) async fn show_job(app: &App, id: &str, out: &mut impl Write) -> anyhow::Result<bool> {
    let found = trace::job(app, id).await?.with_context(|| format!("there is no job {id}"))?;
    if let Some(event) = &found.event {
        print::event(event, out)?;
    } else if let Some(id) = found.job.event_id() {
        writeln!(out, "event     {id}  deleted from the outbox")?;
    }
    for attempt in &found.attempts {
        let (at, took) = (time(Some(attempt.failed_at)), ms(&attempt.run_ms.into()));
        let (number, error) = (attempt.attempt, plain(&attempt.error));
        writeln!(out, "attempt   {at}  number {number} failed after {took}: {error}")?;
    }
    writeln!(out, "job       {}", print::job(&found.job))?;
    writeln!(out, "payload   {}", plain(found.job.payload.to_string()))?;
    if let Some(email) = &found.email {
        print::email(email, out)?;
    }
    for sibling in &found.siblings {
        writeln!(out, "sibling   {}", print::job(sibling))?;
    }
    Ok(true)
}
