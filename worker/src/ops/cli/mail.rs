use std::io::Write;

use clap::{Args, Subcommand};
use keyward_core::App;
use lettre::Address;

use crate::mail::doctor;

/// The way to the mail relay.
#[derive(Debug, Subcommand)]
pub enum Mail {
    /// Go the way of a mail step by step, and say in words what is wrong.
    ///
    /// Ends with 1 if a step fails.
    Doctor(Doctor),
}

/// Whether mails can be sent.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Send a test message to this address.
    #[arg(long, value_name = "ADDRESS")]
    to: Option<Address>,
}

impl Mail {
    pub(super) fn run(self, app: &App, out: &mut impl Write) -> anyhow::Result<bool> {
        let Self::Doctor(doctor) = self;
        // lettre's connections block.
        tokio::task::block_in_place(|| {
            doctor::examine(&app.settings, doctor.to.as_ref(), app.clock.now(), out)
        })
    }
}
