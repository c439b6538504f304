//! Settings: environment variables, read once at start.
//!
//! A secret `X` may also be given as `X_FILE`, a path to read it from. All mistakes are reported at
//! once; a missing, short or placeholder key prevents the start.

#[macro_use]
mod macros;
mod credentials;
mod dkim;
mod environment;
mod operations;
mod place;
mod reader;
mod table;

use std::net::IpAddr;

use secrecy::ExposeSecret as _;
use url::Url;

use crate::domain::LinkToken;
pub use credentials::Credential;
pub use dkim::{Dkim, DkimKey};
pub use environment::{env_file, environment};
pub use operations::Operator;
pub use place::Place;
use reader::Reader;
pub use reader::{Mistakes, Setting};
pub use table::{
    Avatars, Blobs, Http, Keys, LifeTimes, Limits, Listen, Log, Mail, Operations, Passwords,
    Servers, Settings, Webhooks,
};

/// Whether a registration discloses that an address has an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    /// Every registration gets the same answer; an email informs the owner.
    None,
    /// 201 and the new account, or 409.
    Conflict,
}

impl Disclosure {
    const WORDS: &[(&str, Self)] = &[("none", Self::None), ("conflict", Self::Conflict)];
}

impl Settings {
    /// Rules that a single variable cannot break.
    fn cross_check(&self, env: &mut Reader<'_>) {
        let is_http = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        let url = &self.public_url;
        let is_origin = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !is_http(url) || !is_origin {
            env.mistake("PUBLIC_URL: must be http(s)://host[:port] without a path");
        }
        let is_plain =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if self.namespace.is_empty() || !self.namespace.chars().all(is_plain) {
            env.mistake("NAMESPACE: must be lower-case letters, digits, '-' and '_'");
        }
        for origin in &self.cors_origins {
            let is_exact =
                Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
            if !is_exact {
                env.mistake(format!(
                    "CORS_ORIGINS: {origin:?} is not an origin like https://app.example.org"
                ));
            }
        }
        // Export errors are logged with the URL, so it must not contain a secret.
        let has_no_user = |url: &Url| url.username().is_empty() && url.password().is_none();
        if !self.otlp.as_ref().is_none_or(|url| is_http(url) && has_no_user(url)) {
            env.mistake(
                "OTLP_ENDPOINT: must be http(s)://host:port; OTEL_EXPORTER_OTLP_HEADERS takes credentials",
            );
        }
        if self.life.session_idle > self.life.session_absolute {
            env.mistake("SESSION_IDLE_TTL_S: must not be longer than SESSION_ABSOLUTE_TTL_S");
        }
        if self.life.access_token > self.life.session_idle {
            env.mistake("ACCESS_TOKEN_TTL_S: must not be longer than SESSION_IDLE_TTL_S");
        }
        if matches!(self.blobs.place, Place::Bucket { .. }) && self.blobs.access_key_id.is_empty() {
            env.mistake("BLOB_S3_ACCESS_KEY_ID is not set, and BLOB_URL is a bucket");
        }
        self.keys.cross_check(env);
        self.operations.cross_check(env);
        self.mail.cross_check(env);
    }

    /// The URL of a page. The token is in the fragment, so it reaches no server, proxy, `Referer` or
    /// log.
    #[must_use]
    pub fn page(&self, path: &str, token: Option<&LinkToken>) -> String {
        let base = self.public_url.as_str().trim_end_matches('/');
        match token {
            Some(token) => format!("{base}{path}#{}", token.expose()),
            None => format!("{base}{path}"),
        }
    }
}

impl Servers {
    /// `NATS_URL` without user and password, and these: NATS clients take them separately.
    #[must_use]
    pub fn nats(&self) -> (String, Option<(String, String)>) {
        let text = self.nats_url.expose_secret();
        let Some((scheme, rest)) = text.split_once("://") else { return (text.into(), None) };
        let Some((user, host)) = rest.rsplit_once('@') else { return (text.into(), None) };
        let (user, password) = user.split_once(':').unwrap_or((user, ""));
        (format!("{scheme}://{host}"), Some((user.into(), password.into())))
    }
}

impl Keys {
    /// Each key has one purpose: an attacker who learns one must not have another.
    fn cross_check(&self, env: &mut Reader<'_>) {
        let keys = [
            ("LINK_KEY", &self.link),
            ("SESSION_KEY", &self.session),
            ("WEBHOOK_KEY", &self.webhook),
        ];
        for (nth, (name, key)) in keys.iter().enumerate() {
            let key = key.expose_secret();
            for (other, known) in &keys[..nth] {
                if !key.is_empty() && known.expose_secret() == key {
                    env.mistake(format!("{other} and {name}: must differ"));
                }
            }
        }
    }
}

impl Mail {
    /// What signs emails; `None` if `DKIM_KEY` is not set.
    #[must_use]
    pub fn dkim(&self) -> Option<Dkim> {
        let key = self.dkim_key.clone()?;
        Some(Dkim { selector: self.dkim_selector.clone(), key })
    }

    fn cross_check(&self, env: &mut Reader<'_>) {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let is_label = |label: &str| !label.is_empty() && label.chars().all(is_plain);
        if !self.dkim_selector.split('.').all(is_label) {
            env.mistake("DKIM_SELECTOR: must be letters, digits, '-' and '.'");
        }
    }
}

impl Limits {
    /// Whether this peer is a trusted proxy.
    #[must_use]
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(peer))
    }
}

#[cfg(test)]
mod tests;
