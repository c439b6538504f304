//! `keyward-worker trace`: the whole story of something.

use std::io::Write;

use anyhow::{Context as _, bail};
use clap::Args;
use keyward_core::{
    App,
    operations::story::{Story, StoryMail},
};

use super::{jobs::line, time};
use crate::ops::board::{
    trace::{self, cleaned},
    words::{count, ms, plain},
};

/// Ids only: addresses are not searched for.
#[derive(Debug, Args)]
pub struct Trace {
    /// Id of a request, a trace, an event, a mail (`Message-ID`), a user or a job.
    id: String,
}

impl Trace {
    /// Says on `out` what is known.
    ///
    /// # Errors
    ///
    /// If nothing is, Postgres is away, or `out` cannot be written to.
    pub async fn run(self, app: &App, out: &mut impl Write) -> anyhow::Result<bool> {
        let found = trace::find(app, &self.id, i64::MAX).await?;
        if found.is_empty() {
            let id = cleaned(&self.id);
            bail!(
                "nothing is known of {id}; events are kept for seven days after they were published"
            );
        }
        for one in &found.mails {
            mail(one, out)?;
        }
        for one in &found.events {
            event(one, out)?;
        }
        for job in &found.jobs {
            writeln!(out, "job       {}", line(job))?;
        }
        Ok(true)
    }
}

/// Says on `out` what is known of one job.
pub(super) async fn show_job(app: &App, id: &str, out: &mut impl Write) -> anyhow::Result<bool> {
    let story = trace::job(app, id).await?.with_context(|| format!("there is no job {id}"))?;
    if let Some(one) = &story.event {
        event(one, out)?;
    } else if let Some(id) = story.event_id {
        writeln!(out, "event     {id}  kept no longer")?;
    }
    for attempt in &story.attempts {
        let (at, took) = (time(Some(attempt.failed_at)), ms(f64::from(attempt.run_ms)));
        let error = plain(&attempt.error);
        writeln!(out, "attempt   {at}  number {} failed after {took}: {error}", attempt.attempt)?;
    }
    writeln!(out, "job       {}", line(&story.job))?;
    if let Some(one) = &story.mail {
        mail(one, out)?;
    }
    for sibling in &story.siblings {
        writeln!(out, "beside    {}", line(sibling))?;
    }
    Ok(true)
}

fn event(event: &Story, out: &mut impl Write) -> std::io::Result<()> {
    let (request, trace) = (plain(&event.trace.request_id), event.trace.trace_id().to_owned());
    let at = time(Some(event.occurred_at));
    writeln!(out, "request   {at}  {request}  trace {}", plain(&trace))?;
    writeln!(out, "event     {at}  {}  {}  {}", event.event_id, event.subject, event.data)?;
    match (event.published_at, event.stream_sequence) {
        (Some(at), Some(sequence)) => {
            writeln!(out, "stream    {}  at place {sequence}", time(Some(at)))?;
        }
        (Some(at), None) => writeln!(out, "stream    {}", time(Some(at)))?,
        (None, _) => writeln!(out, "stream    not yet")?,
    }
    match (&event.dead_letter, event.received_at) {
        (Some(reason), _) => writeln!(out, "received  could not be read: {}", plain(reason)),
        (None, Some(at)) => writeln!(out, "received  {}", time(Some(at))),
        (None, None) => writeln!(out, "received  not yet"),
    }
}

fn mail(mail: &StoryMail, out: &mut impl Write) -> std::io::Result<()> {
    let (at, id, kind, state) =
        (time(Some(mail.updated_at)), mail.mail_id, &mail.kind, &mail.state);
    let attempts = count(mail.attempts.into(), "attempt");
    let reply = plain(mail.reply.as_deref().unwrap_or_default());
    write!(out, "mail      {at}  {id}  {kind}  {state} after {attempts}")?;
    if !reply.is_empty() {
        write!(out, ": {reply}")?;
    }
    if mail.next_try_at.is_some() {
        write!(out, "; next try {}", time(mail.next_try_at))?;
    }
    writeln!(out)
}
