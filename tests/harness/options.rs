use std::collections::HashMap;

/// How a world differs from the usual one.
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) settings: HashMap<String, String>,
    pub(crate) worker: bool,
    pub(crate) operations: bool,
    pub(crate) redis: bool,
    /// Connections to Postgres that are open before anything happens.
    pub(crate) connections: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            settings: HashMap::new(),
            worker: true,
            operations: false,
            redis: true,
            connections: 0,
        }
    }
}

impl Options {
    /// Room for a crowd of fifty that comes at once: nobody is told to come back.
    #[must_use]
    pub fn crowded() -> Self {
        let crowd = Self { connections: 50, ..Self::default() };
        crowd.set("DATABASE_POOL_SIZE", 60).set("ARGON2_QUEUE", 100)
    }

    /// Sets a variable of `.env`.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl ToString) -> Self {
        self.settings.insert(name.into(), value.to_string());
        self
    }

    /// Counts requests, with the limits of production unless they are set, and believes the tests
    /// where a request comes from: see [`World::post_from`](crate::World::post_from).
    #[must_use]
    pub fn with_limits(self) -> Self {
        self.set("RATE_LIMIT_ENABLED", true).set("TRUSTED_PROXIES", "127.0.0.1")
    }

    /// There is nothing where Redis should be.
    #[must_use]
    pub fn without_redis(mut self) -> Self {
        self.redis = false;
        self.set("REDIS_URL", "redis://127.0.0.1:1")
    }

    /// Starts no worker: events stay in the outbox.
    #[must_use]
    pub fn without_worker(mut self) -> Self {
        self.worker = false;
        self
    }
}
