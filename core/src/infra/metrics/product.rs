//! Commands, passwords, cache, limits.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

use super::seconds;
use crate::{Error, Result};

/// What the product counts. Clones count together.
#[derive(Debug, Clone)]
pub(crate) struct Product {
    commands: Family<Command, Counter>,
    pub(crate) hash_seconds: Histogram,
    pub(crate) hashes_shed: Counter,
    pub(crate) begin_seconds: Histogram,
    cache: Family<LookUp, Counter>,
    refusals: Family<Refusal, Counter>,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Command {
    command: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct LookUp {
    result: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Refusal {
    limit: &'static str,
}

/// What the cache said.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CacheResult {
    /// It knew.
    Hit,
    /// It did not.
    Miss,
    /// It is known to be away and was not asked.
    Unavailable,
    /// It was asked and did not answer.
    Error,
}

impl CacheResult {
    const ALL: [Self; 4] = [Self::Hit, Self::Miss, Self::Unavailable, Self::Error];

    fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Unavailable => "unavailable",
            Self::Error => "error",
        }
    }
}

impl Default for Product {
    fn default() -> Self {
        Self {
            commands: Family::default(),
            hash_seconds: seconds(),
            hashes_shed: Counter::default(),
            begin_seconds: seconds(),
            cache: Family::default(),
            refusals: Family::default(),
        }
    }
}

impl Product {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "commands",
            "Commands by name and outcome: ok, the code of a refusal, unavailable or fault",
            self.commands.clone(),
        );
        registry.register(
            "argon2_seconds",
            "Time that one password kept a core busy",
            self.hash_seconds.clone(),
        );
        registry.register(
            "argon2_shed",
            "Passwords that were not hashed because the queue was full",
            self.hashes_shed.clone(),
        );
        registry.register(
            "postgres_begin_seconds",
            "Time until a transaction has begun, the wait for a connection included",
            self.begin_seconds.clone(),
        );
        registry.register(
            "cache_lookups",
            "Look-ups of the current user by result: hit, miss, away (not asked) or error",
            self.cache.clone(),
        );
        registry.register(
            "limit_refusals",
            "Requests that a limit has refused, by the name of the limit",
            self.refusals.clone(),
        );
        for result in CacheResult::ALL {
            drop(self.cache.get_or_create(&LookUp { result: result.name() }));
        }
    }

    pub(crate) fn command<T>(&self, command: &'static str, result: &Result<T>) {
        let outcome = match result {
            Ok(_) => "ok",
            Err(Error::Refused(refusal)) => refusal.contract().0,
            Err(Error::Unavailable(_)) => "unavailable",
            Err(Error::Fault(_)) => "fault",
        };
        self.commands.get_or_create(&Command { command, outcome }).inc();
    }

    pub(crate) fn looked_up(&self, result: CacheResult) {
        self.cache.get_or_create(&LookUp { result: result.name() }).inc();
    }

    pub(crate) fn refused(&self, limit: &'static str) {
        self.refusals.get_or_create(&Refusal { limit }).inc();
    }
}
