//! `keyward-worker mail`: checks the mail relay.

use std::io::Write;

use clap::{Args, Subcommand};
use keyward_core::{App, domain::EmailAddress};

use crate::mail::doctor;

/// Commands on the mail relay.
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Check the mail relay step by step, and explain what is wrong.
    ///
    /// Exits with 1 if a step fails.
    Doctor(Doctor),
}

/// Whether emails can be sent.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Send a test email to this address.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    to: Option<EmailAddress>,
}

impl MailCommand {
    pub(super) async fn run(self, app: &App, out: &mut impl Write) -> anyhow::Result<bool> {
        let Self::Doctor(doctor) = self;
        doctor::examine(&app.settings, doctor.to.as_ref(), app.clock.now(), out).await
    }
}

/// Any address that can have an account.
fn address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|flaw| flaw.detail)
}
