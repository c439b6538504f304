//! Gauges of backlogs, from a snapshot that the worker takes.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeGaugeValue},
    metrics::MetricType,
};

/// The backlogs of all workers at one moment, as Postgres and JetStream have them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// Jobs that are not completed.
    pub kinds: Vec<KindState>,
    /// Events that are not published.
    pub outbox_waiting: i64,
    /// Seconds since the oldest of them occurred; 0 if there is none.
    pub outbox_oldest_s: f64,
    /// Whether JetStream accepted the last events that the relay published.
    pub is_stream_writable: bool,
    /// Undelivered events in the stream; `None` if JetStream is unavailable.
    pub consumer_pending: Option<i64>,
    /// Events delivered but not acknowledged; `None` if JetStream is unavailable.
    pub consumer_unacknowledged: Option<i64>,
    /// Emails that are not accepted, by state.
    pub mails: Vec<(String, i64)>,
    /// Dead letters that no operator has retried or discarded.
    pub unreadable_events: i64,
}

/// The jobs of one kind in one state.
#[derive(Debug, Clone, PartialEq)]
pub struct KindState {
    /// The queue.
    pub queue: &'static str,
    /// The kind.
    pub kind: &'static str,
    /// `available`, `scheduled`, `running` or `dead`.
    pub state: &'static str,
    /// The number of jobs.
    pub jobs: i64,
    /// Seconds since the oldest of them became due; 0 if none is due.
    pub oldest_s: f64,
}

/// The latest snapshot; `None` if the backlogs are unknown.
#[derive(Debug, Default, Clone)]
pub(super) struct Shown(Arc<Mutex<Option<Snapshot>>>);

impl Shown {
    pub(super) fn show(&self, snapshot: Option<Snapshot>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = snapshot;
    }
}

impl Collector for Shown {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(snapshot) => snapshot.encode(&mut encoder),
            None => Ok(()),
        }
    }
}

impl Snapshot {
    fn encode(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Jobs that are not completed, by queue, kind and state: available, scheduled, running or dead";
        let mut jobs = to.encode_descriptor("jobs", help, None, MetricType::Gauge)?;
        for KindState { queue, kind, state, jobs: count, .. } in &self.kinds {
            let labels = [("queue", *queue), ("kind", *kind), ("state", *state)];
            jobs.encode_family(&labels)?.encode_gauge(count)?;
        }
        let help = "Seconds since the oldest available job of a kind became due";
        let mut oldest =
            to.encode_descriptor("job_oldest_due_seconds", help, None, MetricType::Gauge)?;
        for line in self.kinds.iter().filter(|line| line.state == "available") {
            let labels = [("queue", line.queue), ("kind", line.kind)];
            oldest.encode_family(&labels)?.encode_gauge(&line.oldest_s)?;
        }
        let help = "Emails that are not accepted, by state";
        let mut mails = to.encode_descriptor("mails", help, None, MetricType::Gauge)?;
        for (state, count) in &self.mails {
            mails.encode_family(&[("state", state.as_str())])?.encode_gauge(count)?;
        }
        gauge(to, "outbox_waiting", "Events that are not published yet", self.outbox_waiting)?;
        let help = "Age of the oldest event that is not published yet";
        gauge(to, "outbox_oldest_seconds", help, self.outbox_oldest_s)?;
        let help = "Whether JetStream accepts events: 1, or 0 if it answers but refuses them";
        gauge(to, "stream_writable", help, i64::from(self.is_stream_writable))?;
        let help = "Unreadable events that no operator has retried or discarded";
        gauge(to, "dead_letters", help, self.unreadable_events)?;
        if let Some(pending) = self.consumer_pending {
            let help = "Undelivered events in the stream";
            gauge(to, "consumer_pending", help, pending)?;
        }
        if let Some(unacknowledged) = self.consumer_unacknowledged {
            let help = "Events delivered to a worker but not acknowledged yet";
            gauge(to, "consumer_unacknowledged", help, unacknowledged)?;
        }
        Ok(())
    }
}

fn gauge(
    to: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    value: impl EncodeGaugeValue,
) -> fmt::Result {
    to.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value)
}
