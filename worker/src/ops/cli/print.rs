//! Lines that several commands print. Text from outside must not control the terminal.

use std::io::{Result, Write};

use chrono::{DateTime, SecondsFormat, Utc};

use crate::ops::{
    JobRecord,
    store::history::{EventHistory, LedgerEmail},
    words::{count, plain},
};

/// A time, or a dash.
pub(super) fn time(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(|| "-".to_owned(), |at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// A job in one line.
pub(super) fn job(job: &JobRecord) -> String {
    let (at, _) = job.position();
    let error = plain(job.last_error.as_deref().unwrap_or_default());
    let attempts = format!("{}/{}", job.attempts, job.max_attempts);
    let (id, at, kind, state) = (&job.id, time(Some(at)), &job.kind, job.state);
    format!("{id}  {at}  {kind}  {state}  {attempts}  {error}").trim_end().to_owned()
}

pub(super) fn event(event: &EventHistory, out: &mut impl Write) -> Result<()> {
    let (request, trace) = (plain(&event.request_id), plain(&event.trace_id));
    let at = time(Some(event.occurred_at));
    writeln!(out, "request   {at}  {request}  trace {trace}")?;
    writeln!(out, "event     {at}  {}  {}  {}", event.event_id, event.subject, event.data)?;
    let done = |is_done: bool| if is_done { "yes" } else { "not yet" };
    writeln!(out, "published {}", done(event.is_published))?;
    match &event.parked_because {
        Some(reason) => writeln!(out, "received  parked: {}", plain(reason)),
        None => writeln!(out, "received  {}", done(event.is_received)),
    }
}

pub(super) fn email(email: &LedgerEmail, out: &mut impl Write) -> Result<()> {
    let (at, id, kind, state) =
        (time(Some(email.updated_at)), email.mail_id, &email.kind, &email.state);
    let attempts = count(email.attempts, "attempt");
    let reply = plain(email.reply.as_deref().unwrap_or_default());
    write!(out, "email     {at}  {id}  {kind}  {state} after {attempts}")?;
    if !reply.is_empty() {
        write!(out, ": {reply}")?;
    }
    if email.next_try_at.is_some() {
        write!(out, "; next attempt {}", time(email.next_try_at))?;
    }
    writeln!(out)
}

/// Runs an action on each id, and goes on when one fails. Returns whether all succeeded.
pub(super) async fn each(
    ids: Vec<String>,
    out: &mut impl Write,
    done: &str,
    action: impl AsyncFn(&str) -> anyhow::Result<()>,
) -> Result<bool> {
    let mut all_well = true;
    for id in ids {
        match action(&id).await {
            Ok(()) => writeln!(out, "{id} {done}")?,
            Err(error) => {
                all_well = false;
                writeln!(out, "{id} unchanged: {error:#}")?;
            }
        }
    }
    Ok(all_well)
}
