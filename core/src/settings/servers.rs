//! The servers this depends on.

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::reader::Reader;

/// The servers this depends on.
#[derive(Debug)]
pub struct Servers {
    /// `DATABASE_URL`: Postgres, the only truth.
    pub database_url: SecretString,
    /// `DATABASE_POOL_SIZE`: connections for writing, and as many for reading; default 16.
    pub pool_size: u32,
    /// `REDIS_URL`: the cache and the limiter.
    pub redis_url: SecretString,
    /// `REDIS_TIMEOUT_MS`: after this long a read goes to Postgres; default 100.
    pub redis_timeout: Duration,
    /// `NATS_URL`: JetStream, which carries the events.
    pub nats_url: SecretString,
    /// `NATS_MONITORING_URL`: where the monitoring of NATS listens, to be asked once whether it has
    /// on disk what it acknowledges; default none.
    pub nats_monitoring_url: Option<Url>,
    /// `SMTP_URL`: the mail relay; `smtps://user:password@host`, `smtp://host?tls=required`, or
    /// plain `smtp://host:port` for a relay on the same machine.
    pub smtp_url: SecretString,
}

impl Servers {
    pub(super) fn read(env: &mut Reader<'_>) -> Self {
        Self {
            database_url: env.secret("DATABASE_URL"),
            pool_size: env.at_least("DATABASE_POOL_SIZE", "16", 1),
            redis_url: env.secret("REDIS_URL"),
            redis_timeout: env.millis("REDIS_TIMEOUT_MS", "100"),
            nats_url: env.secret("NATS_URL"),
            nats_monitoring_url: env.optional("NATS_MONITORING_URL"),
            smtp_url: env.secret("SMTP_URL"),
        }
    }

    /// `NATS_URL` without its user and password, and these: clients of NATS take them apart.
    #[must_use]
    pub fn nats(&self) -> (String, Option<(String, String)>) {
        use secrecy::ExposeSecret as _;

        let text = self.nats_url.expose_secret();
        let Some((scheme, rest)) = text.split_once("://") else { return (text.into(), None) };
        let Some((user, host)) = rest.rsplit_once('@') else { return (text.into(), None) };
        let (user, password) = user.split_once(':').unwrap_or((user, ""));
        (format!("{scheme}://{host}"), Some((user.into(), password.into())))
    }
}
