//! Settings: environment variables, read once at start.
//!
//! A secret `X` may also be given as `X_FILE`, a path to read it from. All mistakes are reported at
//! once; a missing, short or placeholder key prevents the start.

#[macro_use]
mod macros;
mod bounces;
mod brand;
mod credentials;
mod dkim;
mod ehlo_name;
mod limits;
mod mail;
mod place;
mod reader;
mod sender;
mod table;
mod urls;
mod variables;

use std::{net::IpAddr, time::Duration};

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use url::Url;

use crate::domain::LinkToken;
pub use bounces::BounceDomain;
pub use credentials::Credential;
pub use dkim::{Dkim, DkimKey};
pub use ehlo_name::EhloName;
pub use limits::Limits;
pub use place::{Blobs, Place};
use reader::Reader;
pub use reader::{Mistakes, Setting};
pub use sender::Sender;
pub use table::{
    Avatars, Http, Keys, LifeTimes, Listen, Log, Mail, Operations, Passwords, Servers, Settings,
};
pub use variables::Variables;

impl Settings {
    /// Reads the settings from `.env`, if it exists, and the environment.
    ///
    /// # Errors
    ///
    /// If `.env` cannot be read, or [`Mistakes`]. Unknown names are among them.
    pub fn load() -> anyhow::Result<Self> {
        Ok(Self::of_variables(&Variables::of_process()?, None)?)
    }

    /// Reads `DATABASE_URL`, and checks all other settings that are set.
    ///
    /// # Errors
    ///
    /// [`Mistakes`], the same that would prevent the start of the API, except missing settings.
    pub fn database_url(variables: &Variables) -> Result<SecretString, Mistakes> {
        let settings = Self::of_variables(variables, Some("DATABASE_URL"))?;
        Ok(settings.servers.database_url)
    }

    /// Requires one setting only, or all that have no default.
    fn of_variables(variables: &Variables, only: Option<&'static str>) -> Result<Self, Mistakes> {
        let (get, place) = (|name: &str| variables.get(name), |name: &str| variables.place(name));
        let mut reader = Reader::new(&get, &place);
        reader.only = only;
        let settings = Self::checked(&mut reader);
        reader.add(variables.mistakes(&reader.table));
        reader.finish(settings)
    }

    /// Reads the settings with `get`, which looks up a variable.
    ///
    /// # Errors
    ///
    /// [`Mistakes`] with every mistake.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(&get, &|_| String::new());
        let settings = Self::checked(&mut reader);
        reader.finish(settings)
    }

    fn checked(reader: &mut Reader<'_>) -> Self {
        let settings = Self::read(reader);
        settings.cross_check(reader);
        settings
    }

    /// Reads `SIGNING_KEYS` alone.
    ///
    /// # Errors
    ///
    /// [`Mistakes`], the same that would prevent the start.
    pub fn signing_keys(variables: &Variables) -> Result<Vec<SecretBox<[u8]>>, Mistakes> {
        let (get, place) = (|name: &str| variables.get(name), |name: &str| variables.place(name));
        let mut reader = Reader::new(&get, &place);
        let seeds = reader.row("SIGNING_KEYS", "").seeds();
        reader.finish(seeds)
    }

    /// The table of settings, from which the documentation is generated.
    #[must_use]
    pub fn table() -> Vec<Setting> {
        let mut reader = Reader::new(&|_| None, &|_| String::new());
        Self::read(&mut reader);
        reader.table
    }

    /// Rules that a single variable cannot break.
    fn cross_check(&self, env: &mut Reader<'_>) {
        let url = &self.public_url;
        let is_origin = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && has_no_user(url);
        let form = "must be http(s)://host[:port] without a path";
        env.require(is_origin, &["PUBLIC_URL"], form);
        let is_plain = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_');
        let is_name = !self.namespace.is_empty() && self.namespace.chars().all(is_plain);
        env.require(is_name, &["NAMESPACE"], "must be lower-case letters, digits, '-' and '_'");
        let Listen { api, api_ops, .. } = self.listen;
        env.require(
            api != api_ops || api.port() == 0,
            &["API_ADDR", "API_OPS_ADDR"],
            "must differ",
        );
        for origin in &self.cors_origins {
            let is_exact =
                Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
            let mistake = format_args!("{origin:?} is not an origin like https://app.example.org");
            env.require(is_exact, &["CORS_ORIGINS"], mistake);
        }
        let is_public = self.app_url.as_ref().is_none_or(has_no_user);
        env.require(is_public, &["APP_URL"], "must not contain a user or a password");
        // Export errors are logged with the URL, so it must not contain a secret.
        env.require(
            self.otlp.as_ref().is_none_or(has_no_user),
            &["OTLP_ENDPOINT"],
            "must be http(s)://host:port; OTEL_EXPORTER_OTLP_HEADERS takes credentials",
        );
        let LifeTimes { session_idle: idle, session_absolute: absolute, access_token, .. } =
            self.life;
        env.require(
            idle <= absolute,
            &["SESSION_IDLE_TTL_S"],
            "must not be longer than SESSION_ABSOLUTE_TTL_S",
        );
        env.require(
            access_token <= idle,
            &["ACCESS_TOKEN_TTL_S"],
            "must not be longer than SESSION_IDLE_TTL_S",
        );
        let is_bucket = matches!(self.blobs.place, Place::Bucket { .. });
        let needs_key = is_bucket && env.requires("BLOB_S3_ACCESS_KEY_ID");
        let has_key = !needs_key || !self.blobs.access_key_id.is_empty();
        env.require(has_key, &["BLOB_S3_ACCESS_KEY_ID"], "is not set, and BLOB_URL is a bucket");
        self.keys.cross_check(env);
        self.operations.cross_check(env);
        self.mail.cross_check(env);
    }

    /// The name in `EHLO`: `SMTP_EHLO_NAME`, or the host of `PUBLIC_URL`.
    #[must_use]
    pub fn ehlo_name(&self) -> EhloName {
        self.mail.ehlo_name.clone().unwrap_or_else(|| EhloName::of(&self.public_url))
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

impl Http {
    /// Bytes of an upload, or all of its rest, that a client must send within `HTTP_TIMEOUT_S`.
    pub const UPLOAD_PACE_BYTES: usize = 64 * 1024;

    /// The maximum time that an upload of this many bytes may wait for its client.
    #[must_use]
    pub fn upload_timeout(&self, bytes: usize) -> Duration {
        let parts = bytes / Self::UPLOAD_PACE_BYTES + 1;
        self.timeout.saturating_mul(u32::try_from(parts).unwrap_or(u32::MAX))
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
            let names = &["OPS_OPERATORS", "OPS_VIEWERS"];
            env.require(is_new, names, format_args!("{name:?} is used twice"));
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
                env.require(differs, &[other, name], "must differ");
            }
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

fn has_no_user(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

fn sha256(bytes: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA256, bytes)
}

#[cfg(test)]
mod tests;
