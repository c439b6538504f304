//! Backlogs of all workers, as Postgres and JetStream have them.

use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::{family::Family, gauge::Gauge};

use super::families::Labels;

metrics! {
    /// The backlogs of all workers at one moment. A gauge that is not set is 0, a family without
    /// members is not shown.
    pub struct Backlogs {
        /// Jobs that are not completed, by queue, kind and state: available, scheduled, running or dead
        pub jobs: Family<Labels<3>, Gauge> = "jobs";
        /// Jobs that wait, of kinds that only another release knows
        pub unknown_jobs: Gauge = "jobs_unknown";
        /// Seconds since the oldest available job of a kind became due
        pub oldest_due_s: Family<Labels<2>, Gauge<f64, AtomicU64>> = "job_oldest_due_seconds";
        /// Emails that are not accepted, by state
        pub mails: Family<[(&'static str, String); 1], Gauge> = "mails";
        /// Events that are not published yet
        pub outbox_waiting: Gauge = "outbox_waiting";
        /// Age of the oldest event that is not published yet
        pub outbox_oldest_s: Gauge<f64, AtomicU64> = "outbox_oldest_seconds";
        /// Whether JetStream accepts events: 1, or 0 if it answers but refuses them
        pub stream_writable: Gauge = "stream_writable";
        /// Events that wait for a release that can read them
        pub parked: Gauge = "outbox_parked";
        /// Unreadable events that no operator has discarded
        pub dead_letters: Gauge = "dead_letters";
        /// Undelivered events in the stream
        pub consumer_pending: Family<Labels<0>, Gauge> = "consumer_pending";
        /// Events delivered to a worker but not acknowledged yet
        pub consumer_unacknowledged: Family<Labels<0>, Gauge> = "consumer_unacknowledged";
    }
}
