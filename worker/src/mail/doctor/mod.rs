//! Checks the mail relay step by step and explains what is wrong.

mod advice;

use std::{
    io::Write,
    net::{SocketAddr, TcpStream, ToSocketAddrs},
};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use keyward_core::settings::Settings;
use lettre::{
    Address,
    transport::smtp::{
        self,
        authentication::{Credentials, Mechanism},
        client::{SmtpConnection, TlsParameters},
        commands::{Mail, Rset},
        extension::{ClientId, Extension},
    },
};
use secrecy::ExposeSecret as _;

use advice::{Finding, about_tls, chain, refused_message, unreachable};

use super::{
    relay::{Relay, Tls},
    transport::{Mailer, words},
};

/// Takes the steps of sending an email, prints the result of each to `out`, and returns whether all
/// succeeded. With an address in `to`, sends a test email there.
///
/// Blocks; each step takes at most `SMTP_TIMEOUT_S`.
///
/// # Errors
///
/// If a setting is malformed, or `out` fails.
pub(crate) fn examine(
    settings: &Settings,
    to: Option<&Address>,
    now: DateTime<Utc>,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let relay = Relay::new(settings)?;
    let mailer = Mailer::new(settings)?;
    writeln!(out, "    relay    {relay}")?;
    let mut check = Check { relay, mailer, settings, now, out };
    let found = check.run(to)?;
    let is_well = found.is_none();
    if let Some((step, finding)) = found {
        writeln!(check.out, "NO  {step:<8} {}", finding.what)?;
        writeln!(check.out, "             {}", finding.advice)?;
    }
    check.print_dkim()?;
    Ok(is_well)
}

struct Check<'a, W> {
    relay: Relay,
    mailer: Mailer,
    settings: &'a Settings,
    now: DateTime<Utc>,
    out: &'a mut W,
}

type Found = Option<(&'static str, Finding)>;

impl<W: Write> Check<'_, W> {
    /// Takes the steps up to the first that fails.
    fn run(&mut self, to: Option<&Address>) -> anyhow::Result<Found> {
        let addresses = match self.addresses() {
            Ok(addresses) => addresses,
            Err(finding) => return Ok(Some(("name", finding))),
        };
        self.ok("name", &addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))?;
        if let Err(finding) = self.connect(&addresses)? {
            return Ok(Some(("connect", finding)));
        }
        let mut connection = match self.greet() {
            Ok(connection) => connection,
            Err(finding) => return Ok(Some(("greeting", finding))),
        };
        let name = connection.server_info().name().to_owned();
        self.ok("greeting", &format!("the relay calls itself {name}"))?;
        if let Err(finding) = self.encrypt(&mut connection) {
            return Ok(Some(("TLS", finding)));
        }
        if connection.is_encrypted() {
            self.ok("TLS", &format!("the certificate is valid for {}", self.relay.host))?;
        } else {
            self.note("TLS", "none, as SMTP_URL says: only for a relay on the same machine")?;
        }
        match self.log_in(&mut connection) {
            Ok(words) => self.ok("login", &words)?,
            Err(finding) => return Ok(Some(("login", finding))),
        }
        if let Err(finding) = self.check_sender(&mut connection) {
            return Ok(Some(("sender", finding)));
        }
        self.ok("sender", &format!("{} may send", self.mailer.sender()))?;
        let Some(to) = to else {
            self.note("message", "none sent; `--to <address>` sends one")?;
            return Ok(None);
        };
        let (envelope, message) = self.mailer.test_message(to, self.now)?;
        match connection.send(&envelope, &message) {
            Ok(reply) => self.ok("message", &format!("accepted for {to}: {}", words(&reply)))?,
            Err(error) => return Ok(Some(("message", refused_message(&error)))),
        }
        let _ = connection.quit();
        Ok(None)
    }

    fn addresses(&self) -> Result<Vec<SocketAddr>, Finding> {
        let found = (self.relay.host.as_str(), self.relay.port).to_socket_addrs();
        match found.map(Iterator::collect::<Vec<_>>) {
            Ok(addresses) if !addresses.is_empty() => Ok(addresses),
            Ok(_) => Err(Finding {
                what: format!("{} has no address", self.relay.host),
                advice: "Is the name in SMTP_URL right? DNS has no address for it.",
            }),
            Err(error) => Err(Finding {
                what: format!("{} cannot be resolved: {error}", self.relay.host),
                advice: "Is the name in SMTP_URL right, and does DNS work on this machine?",
            }),
        }
    }

    /// One address that answers is enough: emails go to the first one.
    fn connect(&mut self, addresses: &[SocketAddr]) -> anyhow::Result<Result<(), Finding>> {
        let mut found = None;
        for address in addresses {
            match TcpStream::connect_timeout(address, self.settings.mail.timeout) {
                Ok(_) => {
                    self.ok("connect", &format!("a server listens at {address}"))?;
                    return Ok(Ok(()));
                }
                Err(error) => {
                    let finding = unreachable(address, &error);
                    if addresses.len() > 1 {
                        self.note("connect", &finding.what)?;
                    }
                    found = Some(finding);
                }
            }
        }
        Ok(found.map_or(Ok(()), Err))
    }

    fn greet(&self) -> Result<SmtpConnection, Finding> {
        let relay = &self.relay;
        let tls = (relay.tls == Tls::Immediate).then(|| parameters(&relay.host)).transpose()?;
        SmtpConnection::connect(
            (relay.host.as_str(), relay.port),
            Some(self.settings.mail.timeout),
            &hello(),
            tls.as_ref(),
            None,
        )
        .map_err(|error| self.no_greeting(&error))
    }

    fn no_greeting(&self, error: &smtp::Error) -> Finding {
        let what = chain(error);
        let advice = if error.is_timeout() && self.relay.tls == Tls::Immediate {
            "The relay listens but does not answer: is TLS from the first byte (smtps://) right for this port?"
        } else if error.is_timeout() {
            "The relay listens but does not answer. A port that expects TLS at once (465) needs smtps://."
        } else {
            return Finding { advice: about_tls(&what), what };
        };
        Finding { what, advice }
    }

    fn encrypt(&self, connection: &mut SmtpConnection) -> Result<(), Finding> {
        let wanted = match self.relay.tls {
            Tls::Required => true,
            Tls::Offered => connection.can_starttls(),
            Tls::Immediate | Tls::None => false,
        };
        if !wanted {
            return Ok(());
        }
        if !connection.can_starttls() {
            return Err(Finding {
                what: "the relay does not offer STARTTLS".into(),
                advice: "SMTP_URL requires TLS, so no email is sent. Try another port, or smtps:// if the \
                         relay uses TLS from the first byte.",
            });
        }
        connection.starttls(&parameters(&self.relay.host)?, &hello()).map(drop).map_err(|error| {
            let what = chain(&error);
            Finding { advice: about_tls(&what), what }
        })
    }

    fn log_in(&self, connection: &mut SmtpConnection) -> Result<String, Finding> {
        let Some((user, password)) = &self.relay.credentials else {
            return Ok("none: SMTP_URL names no user".into());
        };
        let ours = [Mechanism::Plain, Mechanism::Login];
        if connection.server_info().get_auth_mechanism(&ours).is_none() {
            return Err(Finding {
                what: "the relay does not offer a login here".into(),
                advice: "Most relays offer it only after TLS: smtps://, or ?tls=required.",
            });
        }
        let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
        match connection.auth(&ours, &credentials) {
            Ok(reply) => Ok(format!("as {user}: {}", words(&reply))),
            Err(error) => Err(Finding {
                what: chain(&error),
                advice: "The relay rejects this user or password. Write characters like @ : / as \
                         %40 %3A %2F in SMTP_URL.",
            }),
        }
    }

    /// Asks whether the relay accepts our sender, and resets the conversation.
    fn check_sender(&self, connection: &mut SmtpConnection) -> Result<(), Finding> {
        let sender = self.mailer.sender().clone();
        if !sender.to_string().is_ascii()
            && !connection.server_info().supports_feature(Extension::SmtpUtfEight)
        {
            return Err(Finding {
                what: "the relay does not support the address in MAIL_FROM (no SMTPUTF8)".into(),
                advice: "Use an ASCII address in MAIL_FROM.",
            });
        }
        connection
            .command(Mail::new(Some(sender), vec![]))
            .and_then(|_| connection.command(Rset))
            .map(drop)
            .map_err(|error| Finding {
                what: chain(&error),
                advice: "The relay does not allow this user to send as MAIL_FROM.",
            })
    }

    fn print_dkim(&mut self) -> anyhow::Result<()> {
        let Some(dkim) = self.settings.mail.dkim() else {
            return self.note("DKIM", "not by Keyward: DKIM_KEY is not set");
        };
        let name = format!("{}._domainkey.{}", dkim.selector, self.mailer.domain());
        let record = dkim.key.record().context("DKIM_KEY")?;
        self.note(
            "DKIM",
            &format!("emails are signed ({}). DNS needs this TXT record:", dkim.key.algorithm()),
        )?;
        writeln!(self.out, "             {name}\n             {record}")?;
        Ok(())
    }

    fn ok(&mut self, step: &str, text: &str) -> anyhow::Result<()> {
        self.line("ok", step, text)
    }

    fn note(&mut self, step: &str, text: &str) -> anyhow::Result<()> {
        self.line("--", step, text)
    }

    fn line(&mut self, mark: &str, step: &str, text: &str) -> anyhow::Result<()> {
        writeln!(self.out, "{mark}  {step:<8} {text}")?;
        // A step can take a while, so its predecessors are shown at once.
        self.out.flush()?;
        Ok(())
    }
}

fn hello() -> ClientId {
    ClientId::default()
}

fn parameters(host: &str) -> Result<TlsParameters, Finding> {
    TlsParameters::new(host.to_owned()).map_err(|error| Finding {
        what: chain(&error),
        advice: "This machine cannot use TLS: are CA certificates installed?",
    })
}
