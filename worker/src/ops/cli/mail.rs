//! `keyward-worker mail`: checks the mail relay, shows the emails.

use std::{io::Write, path::PathBuf};

use clap::{Args, Subcommand};
use keyward_core::{App, domain::EmailAddress};

use crate::mail::{doctor, preview};

/// Commands on the mail relay and the emails.
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Check the mail relay step by step, and explain what is wrong.
    ///
    /// Exits with 1 if a step fails.
    Doctor(Doctor),
    /// Write every email in every language to a folder, with sample values.
    Preview {
        /// The folder: `<language>/<kind>.html` and `.txt`.
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
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
        let now = app.clock.now();
        match self {
            Self::Doctor(doctor) => {
                doctor::examine(&app.settings, doctor.to.as_ref(), now, out).await
            }
            Self::Preview { folder } => {
                let written = preview::write(&app.settings, &folder, now)?;
                writeln!(out, "{written} emails are in {}", folder.display())?;
                Ok(true)
            }
        }
    }
}

/// Any address that can have an account.
fn address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|flaw| flaw.detail)
}
