//! Settings: environment variables, read once at start.
//!
//! A secret `X` may also be given as `X_FILE`, a path to read it from. All mistakes are reported at
//! once; a missing, short or placeholder key prevents the start.

#[macro_use]
mod macros;
mod credentials;
mod dkim;
mod place;
mod reader;
mod table;

use std::{collections::HashMap, net::IpAddr, path::Path};

use anyhow::Context as _;
use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretBox};
use url::Url;

use crate::domain::LinkToken;
pub use credentials::Credential;
pub use dkim::{Dkim, DkimKey};
pub use place::Place;
use reader::Reader;
pub use reader::{Mistakes, Setting};
pub use table::{
    Avatars, Blobs, Http, Keys, LifeTimes, Limits, Listen, Log, Mail, Operations, Passwords,
    Servers, Settings,
};

impl Settings {
    /// Reads the settings from `.env`, if it exists, and the environment.
    ///
    /// # Errors
    ///
    /// If `.env` is malformed, or [`Mistakes`].
    pub fn load() -> anyhow::Result<Self> {
        Ok(Self::from_env(environment()?)?)
    }

    /// Reads the settings with `get`, which looks up a variable.
    ///
    /// # Errors
    ///
    /// [`Mistakes`] with every mistake.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(&get);
        let settings = Self::read(&mut reader);
        settings.cross_check(&mut reader);
        reader.finish(settings)
    }

    /// Reads `SIGNING_KEYS` alone.
    ///
    /// # Errors
    ///
    /// [`Mistakes`], the same that would prevent the start.
    pub fn signing_keys(
        get: impl Fn(&str) -> Option<String>,
    ) -> Result<Vec<SecretBox<[u8]>>, Mistakes> {
        let mut reader = Reader::new(&get);
        let seeds = reader.row("SIGNING_KEYS", "").seeds();
        reader.finish(seeds)
    }

    /// The table of settings, from which the documentation is generated.
    #[must_use]
    pub fn table() -> Vec<Setting> {
        let mut reader = Reader::new(&|_| None);
        Self::read(&mut reader);
        reader.table
    }

    /// Rules that a single variable cannot break.
    fn cross_check(&self, env: &mut Reader<'_>) {
        let is_http = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        let url = &self.public_url;
        let is_origin =
            is_http(url) && url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        env.require(is_origin, "PUBLIC_URL: must be http(s)://host[:port] without a path");
        let is_plain = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_');
        let is_name = !self.namespace.is_empty() && self.namespace.chars().all(is_plain);
        env.require(is_name, "NAMESPACE: must be lower-case letters, digits, '-' and '_'");
        for origin in &self.cors_origins {
            let is_exact =
                Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
            let mistake = "is not an origin like https://app.example.org";
            env.require(is_exact, format!("CORS_ORIGINS: {origin:?} {mistake}"));
        }
        // Export errors are logged with the URL, so it must not contain a secret.
        let has_no_user = |url: &Url| url.username().is_empty() && url.password().is_none();
        let is_collector = self.otlp.as_ref().is_none_or(|url| is_http(url) && has_no_user(url));
        env.require(
            is_collector,
            "OTLP_ENDPOINT: must be http(s)://host:port; OTEL_EXPORTER_OTLP_HEADERS takes credentials",
        );
        let LifeTimes { session_idle: idle, session_absolute: absolute, access_token, .. } =
            self.life;
        env.require(
            idle <= absolute,
            "SESSION_IDLE_TTL_S: must not be longer than SESSION_ABSOLUTE_TTL_S",
        );
        env.require(
            access_token <= idle,
            "ACCESS_TOKEN_TTL_S: must not be longer than SESSION_IDLE_TTL_S",
        );
        let is_bucket = matches!(self.blobs.place, Place::Bucket { .. });
        let has_key = !is_bucket || !self.blobs.access_key_id.is_empty();
        env.require(has_key, "BLOB_S3_ACCESS_KEY_ID is not set, and BLOB_URL is a bucket");
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

/// A person or program that has authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Its name in the settings and in the audit log.
    pub name: String,
    /// Whether it may act, or only view.
    pub may_act: bool,
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

impl Operations {
    /// Authenticates by the `Authorization` header of a request (RFC 7617, Basic), in constant time.
    #[must_use]
    pub fn admit(&self, authorization: Option<&str>) -> Option<Operator> {
        let (scheme, encoded) = authorization?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let given = STANDARD.decode(encoded.trim()).ok()?;
        let given = sha256(&given);
        let mut found = None;
        for (known, may_act) in self.all() {
            let wanted = format!("{}:{}", known.name, known.password.expose_secret());
            if verify_slices_are_equal(given.as_ref(), sha256(wanted.as_bytes()).as_ref()).is_ok() {
                found = Some(Operator { name: known.name.clone(), may_act });
            }
        }
        found
    }

    /// A name used twice would merge two people in the audit log, or let a viewer act.
    fn cross_check(&self, env: &mut Reader<'_>) {
        let names: Vec<&str> = self.all().map(|(known, _)| known.name.as_str()).collect();
        for (nth, name) in names.iter().enumerate() {
            let is_new = !names[..nth].contains(name);
            env.require(is_new, format!("OPS_OPERATORS and OPS_VIEWERS: {name:?} is used twice"));
        }
    }

    fn all(&self) -> impl Iterator<Item = (&Credential, bool)> {
        let operators = self.operators.iter().map(|known| (known, true));
        operators.chain(self.viewers.iter().map(|known| (known, false)))
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
                let differs = key.is_empty() || known.expose_secret() != key;
                env.require(differs, format!("{other} and {name}: must differ"));
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
        let is_selector = self.dkim_selector.split('.').all(is_label);
        env.require(is_selector, "DKIM_SELECTOR: must be letters, digits, '-' and '.'");
    }
}

impl Limits {
    /// Whether this peer is a trusted proxy.
    #[must_use]
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(peer))
    }
}

fn sha256(bytes: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA256, bytes)
}

/// The variables of this process: `.env`, if it exists, and the environment, which takes precedence.
///
/// # Errors
///
/// If `.env` is malformed.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn environment() -> anyhow::Result<impl Fn(&str) -> Option<String>> {
    match dotenvy::dotenv() {
        Err(error) if !error.not_found() => anyhow::bail!(".env cannot be read: {error}"),
        _ => Ok(|name: &str| std::env::var(name).ok()),
    }
}

/// The variables in a file like `.env`.
///
/// # Errors
///
/// If the file cannot be read.
pub fn env_file(path: &Path) -> anyhow::Result<impl Fn(&str) -> Option<String> + use<>> {
    let lines = dotenvy::from_path_iter(path);
    let variables: Result<HashMap<String, String>, _> = lines.and_then(Iterator::collect);
    let variables = variables.with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(move |name: &str| variables.get(name).cloned())
}

#[cfg(test)]
mod tests;
