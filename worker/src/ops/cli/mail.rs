//! `keyward-worker mail`: checks the mail relay, and lifts suppressions.

use std::io::Write;

use clap::{Args, Subcommand};
use keyward_core::{
    App, commands::internal::LiftSuppression, domain::EmailAddress, origin::Origin,
};
use lettre::Address;

use crate::{mail::doctor, ops::actions::ActingOperator};

/// Commands on the mail relay and on suppressed addresses.
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Check the mail relay step by step, and explain what is wrong.
    ///
    /// Exits with 1 if a step fails.
    Doctor(Doctor),
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
    #[arg(long, value_name = "ADDRESS")]
    to: Option<Address>,
}

impl MailCommand {
    pub(super) async fn run(self, app: &App, out: &mut impl Write) -> anyhow::Result<bool> {
        let doctor = match self {
            Self::Doctor(doctor) => doctor,
            Self::Unsuppress(unsuppress) => return unsuppress.run(app, out).await,
        };
        // lettre's connections block.
        tokio::task::block_in_place(|| {
            doctor::examine(&app.settings, doctor.to.as_ref(), app.clock.now(), out)
        })
    }
}

/// Any address that can have an account.
fn address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|flaw| flaw.detail)
}
