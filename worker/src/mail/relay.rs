//! Parses `SMTP_URL`.

use anyhow::{Context as _, bail};
use keyward_core::settings::Settings;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

/// The mail relay.
#[derive(Debug)]
pub(crate) struct MailRelay {
    /// Without the password.
    pub(crate) url: Url,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: Tls,
    /// User and password.
    pub(crate) credentials: Option<(String, SecretString)>,
}

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tls {
    /// From the first byte.
    Immediate,
    /// After `STARTTLS`; without it nothing is sent.
    Required,
    /// After `STARTTLS`, if the relay offers it.
    Offered,
    /// Never.
    None,
}

impl MailRelay {
    /// Fails if `SMTP_URL` is malformed.
    pub(crate) fn new(settings: &Settings) -> anyhow::Result<Self> {
        let mut url = Url::parse(settings.servers.smtp_url.expose_secret()).context("SMTP_URL")?;
        let mode = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value);
        let (tls, port) = match (url.scheme(), mode.as_deref()) {
            ("smtps", _) => (Tls::Immediate, 465),
            ("smtp", Some("required")) => (Tls::Required, 587),
            ("smtp", Some("opportunistic")) => (Tls::Offered, 587),
            ("smtp", None) => (Tls::None, 25),
            _ => bail!("SMTP_URL: must be smtps://host, smtp://host?tls=required or smtp://host"),
        };
        let decode = |text: &str| percent_decode_str(text).decode_utf8().map(String::from);
        let credentials = match url.password() {
            Some(password) => {
                let user = decode(url.username()).context("SMTP_URL: the user")?;
                Some((user, decode(password).context("SMTP_URL: the password")?.into()))
            }
            None => None,
        };
        // A URL has an IPv6 address in brackets.
        let host = url.host_str().context("SMTP_URL: names no host")?.trim_matches(['[', ']']);
        let (host, port) = (host.to_owned(), url.port().unwrap_or(port));
        // Fails for a URL without a host only.
        let _ = url.set_password(None);
        Ok(Self { url, host, port, tls, credentials })
    }
}
