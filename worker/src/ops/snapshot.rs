//! The state of queues, stream, outbox and workers at one moment.

use std::time::{Duration, Instant};

use keyward_core::App;

use super::{
    JobCounts, JobState,
    last_hour::LastHour,
    store::{
        attempts::{self, FailureReason},
        backlog::{self, Backlog},
        minutes,
        pauses::{self, Pause},
        processes::{self, WorkerProcess},
    },
};
use crate::{
    jobs,
    pipeline::stream::{self, StreamLag},
    queue,
};

/// The state of queues, stream, outbox and workers at one moment. The [`Sampler`](super::sampler::Sampler)
/// takes one every few seconds; pages and metrics only read it.
#[derive(Debug, Clone)]
pub struct QueueSnapshot {
    /// Every kind of job, grouped by queue.
    pub kinds: Vec<KindSnapshot>,
    /// Jobs that wait, of kinds that only another release knows.
    pub unknown_jobs: i64,
    /// What waits outside the queues, and when the snapshot was taken.
    pub backlog: Backlog,
    /// What the worker has not taken from the stream. `None` if NATS is unreachable.
    pub stream: Option<StreamLag>,
    /// Processes of the worker that reported within the last hour.
    pub processes: Vec<WorkerProcess>,
    /// Why attempts failed within the last hour, the most frequent reason first.
    pub reasons: Vec<FailureReason>,
    /// The attempts of all kinds within the last hour.
    pub last_hour: LastHour,
    /// How long the queries took.
    pub took: Duration,
}

/// One kind of job.
#[derive(Debug, Clone)]
pub struct KindSnapshot {
    /// The queue that executes it.
    pub queue: &'static str,
    /// Its name.
    pub kind: &'static str,
    /// Its jobs that are not completed.
    pub jobs: JobCounts,
    /// The pause of the kind or of its queue.
    pub pause: Option<Pause>,
    /// Its attempts within the last hour.
    pub last_hour: LastHour,
}

impl QueueSnapshot {
    /// Takes a snapshot.
    ///
    /// # Errors
    ///
    /// If Postgres is unreachable. NATS may be unreachable: then [`stream`](Self::stream) is empty.
    pub async fn take(app: &App, nats: &async_nats::Client) -> anyhow::Result<Self> {
        let started_at = Instant::now();
        let mut sql = app.read.acquire().await?;
        let backlog = backlog::count(&mut sql, &stream::name(&app.settings.namespace)).await?;
        let mut counts = queue::counts::count(&mut sql).await?;
        let minutes = minutes::of_last_hour(&mut sql).await?;
        let processes = processes::list(&mut sql).await?;
        let reasons = attempts::reasons(&mut sql).await?;
        drop(sql);
        let pauses = pauses::list(&app.read).await?;
        let kinds = jobs::kinds().map(|(queue, kind)| KindSnapshot {
            queue,
            kind,
            jobs: counts.remove(kind).unwrap_or_default(),
            pause: pauses.iter().find(|pause| pause.name == kind || pause.name == queue).cloned(),
            last_hour: LastHour::of(minutes.iter().filter(|minute| minute.kind == kind)),
        });
        Ok(Self {
            kinds: kinds.collect(),
            unknown_jobs: counts.values().map(|jobs| jobs.available + jobs.scheduled).sum(),
            last_hour: LastHour::of(&minutes),
            took: started_at.elapsed(),
            stream: stream::lag(nats, &app.settings.namespace).await,
            backlog,
            processes,
            reasons,
        })
    }

    /// Processes that reported within the last 15 seconds.
    #[must_use]
    pub fn workers_alive(&self) -> usize {
        self.processes.iter().filter(|process| process.is_alive).count()
    }

    /// The jobs of a queue or kind, or of all kinds if `name` is empty.
    #[must_use]
    pub fn jobs(&self, name: &str) -> JobCounts {
        let mut sum = JobCounts::default();
        let is_named = |kind: &&KindSnapshot| [kind.kind, kind.queue, ""].contains(&name);
        for kind in self.kinds.iter().filter(is_named) {
            sum.add(&kind.jobs);
        }
        sum
    }
}

impl KindSnapshot {
    /// Whether it has no jobs, had no attempts and is not paused.
    pub(super) fn is_idle(&self) -> bool {
        let jobs = &self.jobs;
        let open = jobs.available + jobs.scheduled + jobs.running + jobs.dead;
        open + self.last_hour.completed() + self.last_hour.failed() == 0 && self.pause.is_none()
    }
}

impl JobCounts {
    /// The jobs in a state. Completed and discarded jobs are not counted.
    pub(super) fn in_state(&self, state: JobState) -> Option<i64> {
        match state {
            JobState::Available => Some(self.available),
            JobState::Scheduled => Some(self.scheduled),
            JobState::Running => Some(self.running),
            JobState::Dead => Some(self.dead),
            JobState::Completed | JobState::Discarded => None,
        }
    }

    fn add(&mut self, other: &Self) {
        self.available += other.available;
        self.scheduled += other.scheduled;
        self.running += other.running;
        self.dead += other.dead;
        let ages = self.oldest_available_s.into_iter().chain(other.oldest_available_s);
        self.oldest_available_s = ages.reduce(f64::max);
    }
}
