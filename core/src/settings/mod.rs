//! Settings: every one is an environment variable, read once at start.
//!
//! A secret `X` may also be given as `X_FILE`, a path to read it from. All mistakes are reported
//! at once; a missing, short or placeholder key stops the start. `.env.example` lists every
//! variable with its default and unit; a test keeps it equal to this file.

mod blobs;
mod environment;
mod http;
mod keys;
mod limits;
mod mail;
mod operations;
mod reader;
mod servers;
mod webhooks;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use url::Url;

pub use blobs::{Avatars, Blobs, Place};
pub use environment::{env_file, environment};
pub use http::Http;
pub use keys::Keys;
pub use limits::Limits;
pub use mail::{Dkim, DkimKey, Mail};
pub use operations::{Operations, Operator};
use reader::Reader;
pub use reader::{Mistakes, Variable};
pub use servers::Servers;
pub use webhooks::Webhooks;

/// Everything that can be set.
#[derive(Debug)]
pub struct Settings {
    /// `PRODUCT_NAME`: what mails and pages call the product; default `Keyward`.
    pub product: String,
    /// `PUBLIC_URL`: where links in mails lead and what tokens name as issuer. No path.
    pub public_url: Url,
    /// `NAMESPACE`: prefix of Redis keys and NATS subjects, so that installations can share servers.
    pub namespace: String,
    /// Where to listen.
    pub listen: Listen,
    /// Who may look at the operations, and who may act on them.
    pub operations: Operations,
    /// The servers this depends on.
    pub servers: Servers,
    /// Keys; see [`crate::domain`] for what each is for.
    pub keys: Keys,
    /// Life times.
    pub life: LifeTimes,
    /// Passwords.
    pub passwords: Passwords,
    /// Mail.
    pub mail: Mail,
    /// What clients may take of the API.
    pub http: Http,
    /// How often somebody may ask.
    pub limits: Limits,
    /// Pictures.
    pub avatars: Avatars,
    /// Where they are kept.
    pub blobs: Blobs,
    /// Webhooks.
    pub webhooks: Webhooks,
    /// `REGISTRATION_DISCLOSURE`: whether registering tells that an address is taken.
    pub registration_disclosure: Disclosure,
    /// `CORS_ORIGINS`: comma-separated origins whose pages may call the API; default none.
    pub cors_origins: Vec<String>,
    /// `CACHE_TTL_S`: seconds that a cached current user is kept at most; default 300.
    pub cache_ttl: Duration,
    /// `LOG_FORMAT` and `LOG_FILTER`.
    pub log: Log,
    /// `OTLP_ENDPOINT`: where traces go, an address that speaks OTLP over HTTP; default none.
    pub otlp: Option<Url>,
}

/// Where to listen.
#[derive(Debug)]
pub struct Listen {
    /// `API_ADDR`: the public API and its pages; default `127.0.0.1:8080`.
    pub api: SocketAddr,
    /// `OPS_ADDR`: the worker's health, metrics and operations; default `127.0.0.1:8081`.
    pub ops: SocketAddr,
    /// `API_OPS_ADDR`: the API's health and metrics; default `127.0.0.1:8082`.
    pub api_ops: SocketAddr,
}

/// How long things last.
#[derive(Debug, Clone)]
pub struct LifeTimes {
    /// `ACCESS_TOKEN_TTL_S`: seconds; default 600.
    pub access_token: Duration,
    /// `SESSION_IDLE_TTL_S`: seconds without a refresh; default 30 days.
    pub session_idle: Duration,
    /// `SESSION_ABSOLUTE_TTL_S`: seconds however often it is refreshed; default 90 days.
    pub session_absolute: Duration,
    /// `REFRESH_GRACE_S`: for so long the replaced refresh token gets the same answer again; default 30.
    pub refresh_grace: Duration,
    /// `RESET_LINK_TTL_S`: seconds; default 30 minutes.
    pub reset_link: Duration,
    /// `VERIFY_LINK_TTL_S`: seconds; default 24 hours.
    pub verify_link: Duration,
    /// `EMAIL_CHANGE_LINK_TTL_S`: seconds; default 24 hours.
    pub email_change_link: Duration,
    /// `EMAIL_UNDO_LINK_TTL_S`: seconds, from the change on; default 72 hours.
    pub email_undo_link: Duration,
    /// `INVITATION_LINK_TTL_S`: seconds; default 7 days.
    pub invitation_link: Duration,
}

/// Passwords: what they must be and what hashing one costs.
#[derive(Debug, Clone)]
pub struct Passwords {
    /// `PASSWORD_MIN_LENGTH`: code points, 8 at least; default 15.
    pub min_chars: usize,
    /// `PASSWORD_BLOCKLIST_PATH`: a list of passwords to refuse, one per line, besides the built-in
    /// one; at most [`Blocklist::MAX_BYTES`](crate::domain::Blocklist::MAX_BYTES). Default none.
    pub blocklist: Option<PathBuf>,
    /// `ARGON2_MEMORY_KIB`: KiB for each hash; default and minimum 19456 (OWASP).
    pub memory_kib: u32,
    /// `ARGON2_ITERATIONS`: passes; default and minimum 2.
    pub iterations: u32,
    /// `ARGON2_PARALLELISM`: lanes; default 1.
    pub parallelism: u32,
    /// `ARGON2_QUEUE`: passwords that may wait for a core before logins are answered 503; default 64.
    pub queue: usize,
}

/// Whether registering tells a stranger that an address has an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    /// `none`: every registration gets the same answer; the owner is told by mail.
    None,
    /// `conflict`: 201 and the new account, or 409.
    Conflict,
}

/// What is logged, and how.
#[derive(Debug, Clone)]
pub struct Log {
    /// `LOG_FORMAT`: `text` for people, `json` for collectors; default `text`.
    pub json: bool,
    /// `LOG_FILTER`: directives like `info,keyward_api=debug`; default `info`.
    pub filter: String,
}

impl Settings {
    /// Reads all settings with `get`, which knows the environment.
    ///
    /// # Errors
    ///
    /// [`Mistakes`], which names every mistake there is.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(&get);
        let settings = Self::read(&mut reader);
        reader.finish(settings)
    }

    /// Every variable there is, with its default: what `.env.example` must list.
    #[must_use]
    pub fn variables() -> Vec<Variable> {
        let mut reader = Reader::new(&|_| None);
        Self::read(&mut reader);
        reader.into_variables()
    }

    fn read(env: &mut Reader<'_>) -> Self {
        let settings = Self {
            product: env.value("PRODUCT_NAME", "Keyward"),
            public_url: env.value("PUBLIC_URL", "http://127.0.0.1:8080"),
            namespace: env.value("NAMESPACE", "keyward"),
            listen: Listen {
                api: env.value("API_ADDR", "127.0.0.1:8080"),
                ops: env.value("OPS_ADDR", "127.0.0.1:8081"),
                api_ops: env.value("API_OPS_ADDR", "127.0.0.1:8082"),
            },
            operations: Operations::read(env),
            servers: Servers::read(env),
            keys: Keys::read(env),
            life: LifeTimes {
                access_token: env.seconds("ACCESS_TOKEN_TTL_S", "600"),
                session_idle: env.seconds("SESSION_IDLE_TTL_S", "2592000"),
                session_absolute: env.seconds("SESSION_ABSOLUTE_TTL_S", "7776000"),
                refresh_grace: env.seconds("REFRESH_GRACE_S", "30"),
                reset_link: env.seconds("RESET_LINK_TTL_S", "1800"),
                verify_link: env.seconds("VERIFY_LINK_TTL_S", "86400"),
                email_change_link: env.seconds("EMAIL_CHANGE_LINK_TTL_S", "86400"),
                email_undo_link: env.seconds("EMAIL_UNDO_LINK_TTL_S", "259200"),
                invitation_link: env.seconds("INVITATION_LINK_TTL_S", "604800"),
            },
            passwords: Passwords {
                min_chars: env.at_least("PASSWORD_MIN_LENGTH", "15", 8),
                blocklist: env.path("PASSWORD_BLOCKLIST_PATH"),
                memory_kib: env.at_least("ARGON2_MEMORY_KIB", "19456", 19_456),
                iterations: env.at_least("ARGON2_ITERATIONS", "2", 2),
                parallelism: env.at_least("ARGON2_PARALLELISM", "1", 1),
                queue: env.at_least("ARGON2_QUEUE", "64", 1),
            },
            mail: Mail::read(env),
            http: Http::read(env),
            limits: Limits::read(env),
            avatars: Avatars::read(env),
            blobs: Blobs::read(env),
            webhooks: Webhooks::read(env),
            registration_disclosure: env.one_of(
                "REGISTRATION_DISCLOSURE",
                &[("none", Disclosure::None), ("conflict", Disclosure::Conflict)],
            ),
            cors_origins: env.list("CORS_ORIGINS"),
            cache_ttl: env.seconds("CACHE_TTL_S", "300"),
            log: Log {
                json: env.one_of("LOG_FORMAT", &[("text", false), ("json", true)]),
                filter: env.value("LOG_FILTER", "info"),
            },
            otlp: env.optional("OTLP_ENDPOINT"),
        };
        settings.cross_check(env);
        settings
    }

    /// Rules that no variable can break alone.
    fn cross_check(&self, env: &mut Reader<'_>) {
        let url = &self.public_url;
        let origin_only = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !origin_only {
            env.mistake("PUBLIC_URL: must be http(s)://host[:port], with no path behind it");
        }
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if self.namespace.is_empty() || !self.namespace.chars().all(good) {
            env.mistake("NAMESPACE: must be lower-case letters, digits, '-' and '_'");
        }
        self.keys.cross_check(env);
        self.operations.cross_check(env);
        for origin in &self.cors_origins {
            let exact =
                Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
            if !exact {
                env.mistake(format!(
                    "CORS_ORIGINS: {origin:?} is not an origin like https://app.example.org"
                ));
            }
        }
        // What is wrong with it stands in the log, so it must hold no secret.
        let is_plain = |url: &Url| {
            matches!(url.scheme(), "http" | "https")
                && url.username().is_empty()
                && url.password().is_none()
        };
        if !self.otlp.as_ref().is_none_or(is_plain) {
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
    }

    /// The link that opens a page of ours; the token, if there is one, is in the fragment, so it
    /// reaches no server, proxy, `Referer` or log.
    #[must_use]
    pub fn page(&self, path: &str, token: Option<&crate::domain::LinkToken>) -> String {
        let base = self.public_url.as_str().trim_end_matches('/');
        match token {
            Some(token) => format!("{base}{path}#{}", token.expose()),
            None => format!("{base}{path}"),
        }
    }
}

#[cfg(test)]
mod tests;
