//! Commands, passwords, cache, rate limits.

use prometheus_client::metrics::{counter::Counter, gauge::Gauge, histogram::Histogram};

use super::families::{Counters, counters_by, seconds};
use crate::{Error, Result};

metrics! {
    /// Metrics of the product. Clones count together.
    pub(crate) struct Product {
        /// Commands by name and outcome: ok, the code of a refusal, unavailable or fault
        commands: Counters<2> = "commands";
        /// Time that hashing one password kept a core busy
        pub(crate) hash_seconds: Histogram = "argon2_seconds", seconds();
        /// Passwords being hashed
        pub(crate) hashes_running: Gauge = "argon2_running";
        /// Passwords waiting for a core; beyond ARGON2_QUEUE they are refused
        pub(crate) hashes_waiting: Gauge = "argon2_waiting";
        /// Passwords refused because the queue of the hasher was full
        pub(crate) hashes_shed: Counter = "argon2_shed";
        /// Time to begin a transaction, including the wait for a connection
        pub(crate) begin_seconds: Histogram = "postgres_begin_seconds", seconds();
        /// Cache look-ups of the current user by result: hit, miss, unavailable (Redis was not asked)
        /// or error
        look_ups: Counters<1> = "cache_lookups",
            counters_by("result", &["hit", "miss", "unavailable", "error"]);
        /// Reports about emails by outcome: bounced, complained, ignored (no failure, or known before) or
        /// forged
        mail_reports: Counters<1> = "mail_reports",
            counters_by("outcome", &["bounced", "complained", "ignored", "forged"]);
        /// Requests refused by a rate limit, by limit
        refusals: Counters<1> = "limit_refusals";
    }
}

impl Product {
    /// Counts a command.
    pub(crate) fn command<T>(&self, command: &'static str, result: &Result<T>) {
        let outcome = match result {
            Ok(_) => "ok",
            Err(Error::Refused(refusal)) => refusal.contract().0,
            Err(Error::Unavailable(_)) => "unavailable",
            Err(Error::Fault(_)) => "fault",
        };
        self.commands.get_or_create(&[("command", command), ("outcome", outcome)]).inc();
    }

    /// Counts a look-up of the current user: `hit` (user and session were found), `miss`,
    /// `unavailable` or `error`.
    pub(crate) fn looked_up(&self, result: &'static str) {
        self.look_ups.get_or_create(&[("result", result)]).inc();
    }

    /// Counts a report about an email: `bounced`, `complained`, `ignored` or `forged`.
    pub(super) fn reported(&self, outcome: &'static str) {
        self.mail_reports.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// Counts a request that a rate limit refused.
    pub(crate) fn refused(&self, limit: &'static str) {
        self.refusals.get_or_create(&[("limit", limit)]).inc();
    }
}
