//! Rules for URLs.

use std::str::FromStr;

use redis::IntoConnectionInfo as _;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::PgConnectOptions;
use url::Url;

use super::reader::Reader;
use crate::domain::EmailAddress;

const HTTP: &[&str] = &["http", "https"];

impl Reader<'_> {
    /// The URL of Postgres: a required secret.
    pub(super) fn postgres(&mut self) -> SecretString {
        self.server(&["postgres", "postgresql"], |url| {
            PgConnectOptions::from_str(url.as_str()).map(drop).map_err(|error| error.to_string())
        })
    }

    /// The URL of Redis: a required secret.
    pub(super) fn redis(&mut self) -> SecretString {
        self.server(&["redis", "rediss"], |url| {
            let info = url.as_str().into_connection_info();
            info.and_then(redis::Client::open).map(drop).map_err(|error| error.to_string())
        })
    }

    /// The URL of NATS: a required secret.
    pub(super) fn nats(&mut self) -> SecretString {
        self.server(&["nats", "tls"], |_| Ok(()))
    }

    /// The URL of the mail relay: a required secret.
    pub(super) fn smtp(&mut self) -> SecretString {
        self.server(&["smtp", "smtps"], |url| {
            let tls = url.query_pairs().find(|(name, _)| name == "tls");
            let tls = tls.map(|(_, value)| value);
            match (url.scheme(), tls.as_deref()) {
                (_, None) | ("smtp", Some("required" | "opportunistic")) => Ok(()),
                ("smtps", _) => Err("smtps:// takes no tls=".to_owned()),
                _ => Err("tls= must be `required` or `opportunistic`".to_owned()),
            }
        })
    }

    /// An `http(s)` URL with a default.
    #[expect(clippy::expect_used, reason = "a unit test reads every default of the table")]
    pub(super) fn http(&mut self, default: &'static str) -> Url {
        let text = self.record(default);
        self.judged(text, HTTP).unwrap_or_else(|| default.parse().expect("a valid default"))
    }

    /// An `http(s)` URL, or none.
    pub(super) fn optional_http(&mut self) -> Option<Url> {
        let text = self.record("");
        self.judged(text, HTTP)
    }

    /// An email address, or none.
    pub(super) fn optional_address(&mut self) -> Option<EmailAddress> {
        let text = self.record("")?;
        EmailAddress::parse(&text).map_err(|flaw| self.flaw(flaw.detail)).ok()
    }

    fn server(
        &mut self,
        schemes: &[&str],
        check: impl Fn(&Url) -> Result<(), String>,
    ) -> SecretString {
        let secret = self.secret();
        let text = Some(secret.expose_secret().to_owned()).filter(|text| !text.is_empty());
        if let Some(Err(flaw)) = self.judged(text, schemes).map(|url| check(&url)) {
            self.flaw(flaw);
        }
        secret
    }

    fn judged(&mut self, text: Option<String>, schemes: &[&str]) -> Option<Url> {
        judge(&text?, schemes).map_err(|flaw| self.flaw(flaw)).ok()
    }
}

/// Reads a URL with one of these schemes, a host, and no impossible port. The flaw contains neither
/// user nor password.
fn judge(text: &str, schemes: &[&str]) -> Result<Url, String> {
    let example = format!("{}://host:port", schemes[0]);
    let Some((scheme, _)) = text.split_once("://") else {
        return Err(format!("is not a URL like {example}"));
    };
    if !schemes.contains(&scheme.to_ascii_lowercase().as_str()) {
        let schemes = schemes.join(":// or ");
        return Err(format!("must begin with {schemes}://, not with {scheme}://"));
    }
    let url = Url::parse(text).map_err(|error| format!("is not a URL like {example}: {error}"))?;
    // Postgres also takes the host, or the directory of a socket, as a parameter.
    let has_host = url.host_str().is_some_and(|host| !host.is_empty())
        || url.query_pairs().any(|(name, _)| schemes[0] == "postgres" && name == "host");
    if !has_host {
        return Err(format!("has no host; it must be like {example}"));
    }
    if url.port() == Some(0) {
        return Err("has port 0".to_owned());
    }
    Ok(url)
}
