//! Checks the mail relay step by step, asks DNS, and says in words what to change.

mod advice;
mod dns;
mod finding;
mod return_path;
mod steps;

use std::{io::Write, net::SocketAddr};

use keyward_core::{
    App,
    domain::{EmailAddress, MailId},
};

use dns::Setup;
use finding::{Finding, Severity};

/// What to check.
#[derive(Debug)]
pub(crate) struct Checks<'a> {
    /// Receives a test email.
    pub(crate) to: Option<&'a EmailAddress>,
    /// The name server; none: those of this machine.
    pub(crate) name_server: Option<SocketAddr>,
    /// The port of mail servers that take bounces: 25, except in tests.
    pub(crate) bounce_port: u16,
}

/// Prints one line for each finding to `out`, and returns whether none is an error.
///
/// Each step with the relay takes at most `SMTP_TIMEOUT_S`, and all of DNS with the bounces at most 30 s at
/// the same time.
///
/// # Errors
///
/// If a setting is malformed, or `out` fails.
pub(crate) async fn examine(
    app: &App,
    checks: &Checks<'_>,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let setup = Setup::new(&app.settings)?;
    let (mut written, mut is_ok) = (Ok(()), true);
    let mut print = |finding: Finding| {
        is_ok &= finding.severity != Severity::Error;
        // A step can take a while, so its predecessors are shown at once.
        let result = writeln!(out, "{finding}").and_then(|()| out.flush());
        written = std::mem::replace(&mut written, Ok(())).and(result);
    };
    let now = app.clock.now();
    let steps = steps::examine(&app.settings, checks.to, now, &mut print);
    let (stepped, found) = tokio::join!(steps, outside(app, &setup, checks));
    stepped?;
    found.into_iter().for_each(print);
    written?;
    Ok(is_ok)
}

/// What receivers see.
async fn outside(app: &App, setup: &Setup, checks: &Checks<'_>) -> Vec<Finding> {
    let examined = dns::examine(setup, checks.name_server).await;
    let mut findings = examined.findings;
    let return_path = app.return_path(MailId::new());
    if let Some(return_path) = return_path.filter(|_| !examined.bounces_to.is_empty()) {
        let name = app.settings.ehlo_name().to_string();
        let port = checks.bounce_port;
        findings.push(return_path::examine(&examined.bounces_to, port, &return_path, &name).await);
    }
    findings
}
