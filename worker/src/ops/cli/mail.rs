//! `keyward-worker mail`: checks the mail relay, shows the emails, and lifts suppressions.

use std::{
    io::Write,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use keyward_core::{App, domain::EmailAddress};

use super::print::time;
use crate::{
    mail::{
        doctor::{self, Checks},
        preview,
    },
    ops::{actions::ActingOperator, suppressions, words::plain},
};

/// Commands on the mail relay, the emails and suppressed addresses.
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Check the mail relay step by step, and what DNS says about our emails: SPF, DKIM, DMARC, MX.
    ///
    /// Prints one line for each finding, with the DNS record to publish. Exits with 1 after an error.
    Doctor(Doctor),
    /// Write every email in every language to a folder, with sample values.
    Preview {
        /// The folder: `<language>/<kind>.html` and `.txt`.
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
    /// List suppressed addresses: since when, why, and the ids of the email and the account.
    Suppressions {
        /// Most addresses.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
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
        let actor = ActingOperator::command_line();
        let is_lifted = suppressions::lift_of_address(app, &actor, self.address).await?;
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
    /// Ask this name server instead of those of this machine: `address` or `address:port`.
    #[arg(long, value_name = "ADDRESS", value_parser = name_server)]
    dns: Option<SocketAddr>,
    /// Port on which the mail server of `BOUNCE_DOMAIN` is tried.
    #[arg(long, value_name = "PORT", default_value_t = 25)]
    bounce_port: u16,
}

impl MailCommand {
    pub(super) async fn run(self, app: &App, out: &mut impl Write) -> anyhow::Result<bool> {
        match self {
            Self::Doctor(doctor) => {
                let Doctor { to, dns: name_server, bounce_port } = doctor;
                let checks = Checks { to: to.as_ref(), name_server, bounce_port };
                doctor::examine(app, &checks, out).await
            }
            Self::Preview { folder } => {
                let written = preview::write(&app.settings, &folder, app.clock.now())?;
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
            Self::Suppressions { limit } => list(app, limit, out).await,
            Self::Unsuppress(unsuppress) => unsuppress.run(app, out).await,
        }
    }
}

async fn list(app: &App, limit: i64, out: &mut impl Write) -> anyhow::Result<bool> {
    let found = suppressions::list(app, None, limit).await?;
    for one in &found {
        let (since, reply) = (time(Some(one.suppressed_at)), one.reply.as_deref().unwrap_or("-"));
        let account = one.user_id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        writeln!(out, "{since}  {:<10}  {}  {account}  {}", one.reason, one.mail_id, plain(reply))?;
    }
    if found.is_empty() {
        writeln!(out, "no address is suppressed")?;
    }
    Ok(true)
}

fn name_server(text: &str) -> Result<SocketAddr, std::net::AddrParseError> {
    let with_port = |_| text.parse::<IpAddr>().map(|address| SocketAddr::new(address, 53));
    text.parse().or_else(with_port)
}

/// Any address that can have an account.
fn address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|flaw| flaw.detail)
}
