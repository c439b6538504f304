//! What there is to do, what stands still and what fails: a picture of the whole.

use std::time::{Duration, Instant};

use keyward_core::{
    App,
    operations::{
        attempts::{self, Reason},
        backlog::{self, Backlog},
        minutes,
        pauses::{self, Pause},
        processes::{self, Process},
    },
};

use super::hour::{self, Hour};
use crate::{
    jobs::Job,
    pipeline::stream::{self, StreamLag},
    queue::{self, census::JobCounts},
};

/// What there is to do, what stands still and what fails. Taken by one task every few seconds
/// ([`Lookout`](super::Lookout)); whoever shows it only reads it.
#[derive(Debug, Clone)]
pub struct Census {
    /// Every queue there is, in the order of [`Job::QUEUES`].
    pub queues: Vec<QueueCensus>,
    /// What waits outside the queues: events that the stream does not have yet, events that could
    /// not be read, mails by state; and when this was.
    pub backlog: Backlog,
    /// What the worker has still to take from the stream; nothing while NATS is away.
    pub stream: Option<StreamLag>,
    /// Processes of the worker that were seen within the last hour.
    pub processes: Vec<Process>,
    /// Why attempts failed within the last hour, the most frequent first.
    pub reasons: Vec<Reason>,
    /// How long Postgres took to tell.
    pub took: Duration,
}

/// One queue.
#[derive(Debug, Clone)]
pub struct QueueCensus {
    /// Its name.
    pub name: &'static str,
    /// Its jobs that are not done.
    pub jobs: JobCounts,
    /// Who paused it, and when; nothing if it is not paused.
    pub paused: Option<Pause>,
    /// What its attempts came to within the last hour.
    pub hour: Hour,
}

impl Census {
    /// Takes one.
    ///
    /// # Errors
    ///
    /// If Postgres is away. NATS may be: then [`stream`](Self::stream) is empty.
    pub async fn take(app: &App, nats: &async_nats::Client) -> anyhow::Result<Self> {
        let began_at = Instant::now();
        let mut sql = app.read.acquire().await?;
        let backlog = backlog::count(&mut sql, &stream::name(&app.settings.namespace)).await?;
        let mut counts = queue::census::count(&mut sql).await?;
        let minutes = minutes::of_last_hour(&mut sql).await?;
        let processes = processes::list(&mut sql).await?;
        let reasons = attempts::reasons(&mut sql).await?;
        drop(sql);
        let mut pauses = pauses::list(&app.read).await?;
        let mut hours = hour::by_queue(&minutes);
        let queues = Job::QUEUES.iter().map(|&name| QueueCensus {
            name,
            jobs: counts.remove(name).unwrap_or_default(),
            paused: pauses.extract_if(.., |pause| pause.queue == name).next(),
            hour: hours.remove(name).unwrap_or_default(),
        });
        Ok(Self {
            queues: queues.collect(),
            took: began_at.elapsed(),
            stream: stream::lag(nats, &app.settings.namespace).await,
            backlog,
            processes,
            reasons,
        })
    }

    /// Processes that were heard of within 15 seconds.
    #[must_use]
    pub fn workers_alive(&self) -> usize {
        self.processes.iter().filter(|process| process.is_alive).count()
    }

    /// Jobs of all queues that were given up.
    #[must_use]
    pub fn dead(&self) -> i64 {
        self.queues.iter().map(|queue| queue.jobs.dead).sum()
    }
}
