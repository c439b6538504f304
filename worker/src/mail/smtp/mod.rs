//! The SMTP client: the smallest one that keeps our promises (docs/adr/0011).
//!
//! - Only the three digits of a reply decide: its text can be empty, long, or in any charset.
//! - An email counts as accepted as soon as the digits after its final dot say so.
//! - A failure says at which step it occurred: before `RCPT TO` it concerns the relay.
//! - Every step has a time-out. A conversation that did not go by the rules is not continued.

mod connection;
mod envelope;
mod failure;
mod reply;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use keyward_core::settings::Settings;
use secrecy::ExposeSecret as _;
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs},
};

use super::relay::{MailRelay, Tls};
pub(super) use connection::Connection;
pub(super) use envelope::Envelope;
pub(super) use failure::{Cause, Failure, Step};
pub(super) use reply::{NoReply, Reply};

/// Idle connections that stay open.
const MAX_IDLE: usize = 8;
/// Maximum time that a connection is idle; many relays close it after a few minutes.
const MAX_IDLE_TIME: Duration = Duration::from_secs(60);

/// Sends emails to one relay.
pub(super) struct SmtpClient {
    pub(super) relay: MailRelay,
    /// Our name in `EHLO`.
    name: String,
    /// The time for each step.
    timeout: Duration,
    tls: Option<TlsConnector>,
    idle: Mutex<Vec<(Instant, Connection)>>,
}

impl SmtpClient {
    /// Connects to nothing. Fails if `SMTP_URL` is malformed, or requires TLS and no certificate of an
    /// authority is installed.
    pub(super) fn new(settings: &Settings) -> anyhow::Result<Self> {
        let relay = MailRelay::new(settings)?;
        let tls = (relay.tls != Tls::None).then(tls).transpose().context("SMTP_URL")?;
        let (name, timeout) = (settings.ehlo_name().to_string(), settings.mail.timeout);
        Ok(Self { relay, name, timeout, tls, idle: Mutex::default() })
    }

    /// Sends an email over an idle connection or a new one. `Ok` is its acceptance by the relay, whatever
    /// happens afterwards.
    pub(super) async fn send(&self, email: &Envelope, content: &[u8]) -> Result<Reply, Failure> {
        let mut connection = match self.idle().await {
            Some(connection) => connection,
            None => self.connect(&mut |_, _| ()).await?,
        };
        let sent = connection.send(email, content).await;
        let is_usable = match &sent {
            Ok(reply) => !reply.is_last,
            Err(failure) => failure.leaves_connection_usable(),
        };
        if is_usable {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < MAX_IDLE {
                idle.push((Instant::now(), connection));
            }
        }
        sent
    }

    /// Opens a connection and takes every step before `MAIL FROM`. Reports each completed one.
    pub(super) async fn connect(
        &self,
        report: &mut impl FnMut(Step, String),
    ) -> Result<Connection, Failure> {
        let relay = &self.relay;
        let (host, name) = (relay.host.as_str(), self.name.as_str());
        let mut connection = Connection::open(host, relay.port, self.timeout).await?;
        report(Step::Connect, format!("{host}, port {} answers", relay.port));
        let is_valid = format!("the certificate is valid for {host}");
        let tls = self.tls.as_ref();
        if let Some(tls) = tls.filter(|_| relay.tls == Tls::Immediate) {
            connection = connection.encrypt(tls, host).await?;
            report(Step::Tls, is_valid.clone());
        }
        let relay_name = connection.greeting().await?;
        report(Step::Greeting, format!("the relay calls itself {relay_name}"));
        connection.ehlo(name).await?;
        report(Step::Ehlo, format!("the relay accepts our name, {name}"));
        let starttls = match relay.tls {
            Tls::Required if !connection.offers_starttls() => {
                let text = "the relay does not offer STARTTLS, and SMTP_URL requires TLS";
                return Err(Failure::new(Step::Tls, Cause::Unsupported(text)));
            }
            Tls::Required => tls,
            Tls::Offered => tls.filter(|_| connection.offers_starttls()),
            Tls::Immediate | Tls::None => None,
        };
        if let Some(tls) = starttls {
            connection.starttls().await?;
            connection = connection.encrypt(tls, host).await?;
            report(Step::Tls, is_valid);
            // What was said before was not authenticated.
            connection.ehlo(name).await?;
        }
        if let Some((user, password)) = &relay.credentials {
            let reply = connection.log_in(user, password.expose_secret()).await?;
            report(Step::Login, format!("as {user}: {reply}"));
        }
        Ok(connection)
    }

    /// An idle connection that the relay has not closed.
    async fn idle(&self) -> Option<Connection> {
        loop {
            let (since, mut connection) =
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            if since.elapsed() > MAX_IDLE_TIME {
                connection.quit().await;
            } else if connection.reset().await {
                return Some(connection);
            }
        }
    }
}

impl fmt::Debug for SmtpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpClient").field("relay", &self.relay).finish_non_exhaustive()
    }
}

/// TLS that trusts the authorities of this machine (or those of `SSL_CERT_FILE` and `SSL_CERT_DIR`).
fn tls() -> anyhow::Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    ensure!(!roots.is_empty(), "TLS needs certificates of authorities: none is installed here");
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests;
