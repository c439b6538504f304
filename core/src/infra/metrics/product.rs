//! Commands, passwords, cache, rate limits.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

use super::{register, seconds};
use crate::{Error, Result};

/// Metrics of the product. Clones count together.
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

/// The result of a cache look-up.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CacheResult {
    /// Both entries were found.
    Hit,
    /// An entry was missing or not trusted.
    Miss,
    /// Redis is known to be unavailable and was not asked.
    Unavailable,
    /// Redis was asked and did not answer.
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

impl Product {
    pub(crate) fn new(to: &mut Registry) -> Self {
        let help = "Commands by name and outcome: ok, the code of a refusal, unavailable or fault";
        let commands = register(to, "commands", help, Family::default());
        let help = "Time that hashing one password kept a core busy";
        let hash_seconds = register(to, "argon2_seconds", help, seconds());
        let help = "Passwords refused because the queue of the hasher was full";
        let hashes_shed = register(to, "argon2_shed", help, Counter::default());
        let help = "Time to begin a transaction, including the wait for a connection";
        let begin_seconds = register(to, "postgres_begin_seconds", help, seconds());
        let help = "Cache look-ups of the current user by result: hit, miss, unavailable (Redis was \
                    not asked) or error";
        let cache = register(to, "cache_lookups", help, Family::default());
        let help = "Requests refused by a rate limit, by limit";
        let refusals = register(to, "limit_refusals", help, Family::default());
        let product = Self { commands, hash_seconds, hashes_shed, begin_seconds, cache, refusals };
        for result in CacheResult::ALL {
            drop(product.cache.get_or_create(&LookUp { result: result.name() }));
        }
        product
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
