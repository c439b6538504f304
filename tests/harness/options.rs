use std::collections::HashMap;

/// How a world differs from the default.
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) settings: HashMap<String, String>,
    pub(crate) worker: bool,
    pub(crate) operations: bool,
    pub(crate) redis: bool,
    pub(crate) smtputf8: bool,
    /// Number of connections to Postgres that are opened in advance.
    pub(crate) connections: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            settings: HashMap::new(),
            worker: true,
            operations: false,
            redis: true,
            smtputf8: false,
            connections: 0,
        }
    }
}

impl Options {
    /// Capacity for a burst of 50 requests, none of which gets a 503.
    #[must_use]
    pub fn burst() -> Self {
        let options = Self { connections: 50, ..Self::default() };
        options.set("DATABASE_POOL_SIZE", 60).set("ARGON2_QUEUE", 100)
    }

    /// Sets a variable of `.env`.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl ToString) -> Self {
        self.settings.insert(name.into(), value.to_string());
        self
    }

    /// Turns rate limits on, with their default values. The test chooses the client address: see
    /// [`World::post_from`](crate::World::post_from).
    #[must_use]
    pub fn with_limits(self) -> Self {
        self.set("RATE_LIMIT_ENABLED", true).set("TRUSTED_PROXIES", "127.0.0.1")
    }

    /// Redis is unreachable.
    #[must_use]
    pub fn without_redis(mut self) -> Self {
        self.redis = false;
        self.set("REDIS_URL", "redis://127.0.0.1:1")
    }

    /// The mail sink takes addresses outside ASCII (RFC 6531).
    #[must_use]
    pub fn with_smtputf8(mut self) -> Self {
        self.smtputf8 = true;
        self
    }

    /// Starts no worker: events stay in the outbox.
    #[must_use]
    pub fn without_worker(mut self) -> Self {
        self.worker = false;
        self
    }
}
