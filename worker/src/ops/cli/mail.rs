//! `keyward-worker mail`: checks the mail relay, shows the emails, and lifts suppressions.

use std::{io::Write, path::PathBuf};

use clap::{Args, Subcommand};
use keyward_core::{
    App, commands::internal::LiftSuppression, domain::EmailAddress, origin::Origin,
};

use crate::{
    mail::{doctor, preview},
    ops::actions::ActingOperator,
};

/// Commands on the mail relay, the emails and suppressed addresses.
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
    /// Send email to an address again that bounced or complained. Sends nothing by itself.
    ///
    /// Exits with 1 if the address is not suppressed.
    Unsuppress(Unsuppress),
}

/// An address that gets no email.
#[derive(Debug, Args)]
pub struct Unsuppress {
    /// The address.
    #[arg(value_name = "ADDRESS", value_parser = address)]
    address: EmailAddress,
}

impl Unsuppress {
    async fn run(self, app: &App, out: &mut impl Write) -> anyhow::Result<bool> {
        let lift = async {
            let is_lifted = app.execute(LiftSuppression(self.address), &Origin::default()).await?;
            Ok(i64::from(is_lifted))
        };
        // The audit log must not contain addresses.
        let actor = ActingOperator::command_line();
        let is_lifted = actor.audited(app, "unsuppress", "a mailbox", lift).await? == 1;
        let text = if is_lifted { "gets email again" } else { "is not suppressed" };
        writeln!(out, "The address {text}.")?;
        Ok(is_lifted)
    }
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
                for (locale, lacks) in app.settings.brand.languages.incomplete() {
                    let (tag, lacks, names) = (locale.as_str(), lacks.len(), lacks.join("\n  "));
                    writeln!(
                        out,
                        "{tag} lacks {lacks} messages; English stands in for them:\n  {names}"
                    )?;
                }
                Ok(true)
            }
            Self::Unsuppress(unsuppress) => unsuppress.run(app, out).await,
        }
    }
}

/// Any address that can have an account.
fn address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|flaw| flaw.detail)
}
