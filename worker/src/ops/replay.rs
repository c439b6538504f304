//! Repeats the jobs of earlier events.

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, SecondsFormat, Utc};
use keyward_core::{
    App,
    commands::internal::RequeueEmails,
    origin::Origin,
    pipeline::outbox::comparison::{Entry, entries},
};
use uuid::Uuid;

use crate::{
    jobs::kinds_named,
    pipeline::reactions::jobs_for,
    queue::{enqueue, job_record::mail_id},
};

/// Events that are read at a time.
const PAGE: i64 = 1_000;

/// Which jobs to repeat.
#[derive(Debug, Clone)]
pub struct Replay {
    /// Those of events since then. The outbox keeps seven days.
    pub from: DateTime<Utc>,
    /// Only jobs of these queues and kinds; without one, all but emails.
    pub only: Vec<String>,
    /// Only counts the jobs.
    pub dry_run: bool,
}

/// As the audit log shows it.
impl fmt::Display for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = self.from.to_rfc3339_opts(SecondsFormat::Secs, true);
        write!(f, "events since {from}")?;
        match &self.only[..] {
            [] => Ok(()),
            names => write!(f, ", only {}", names.join(", ")),
        }
    }
}

impl Replay {
    /// Inserts the jobs beside the earlier ones, and returns their number for each kind.
    ///
    /// An email is sent again only if its queue or kind is named. Then also an accepted email is sent
    /// again, with the same `Message-ID`; one whose link was used or replaced is not.
    ///
    /// # Errors
    ///
    /// If Postgres is unreachable, or an event is unreadable. Jobs that were inserted before stay.
    pub async fn run(&self, app: &App) -> anyhow::Result<BTreeMap<&'static str, usize>> {
        let mut counts = BTreeMap::new();
        // Part of the idempotency keys: within a run no job is repeated twice.
        let run = Uuid::now_v7();
        let mut after = 0;
        loop {
            let mut sql = app.read.acquire().await?;
            let page = entries(&mut sql, after, PAGE).await?;
            drop(sql);
            let Some(last) = page.last() else { return Ok(counts) };
            after = last.position;
            for entry in page.iter().filter(|entry| entry.is_received) {
                self.replay(app, entry, run, &mut counts).await?;
            }
        }
    }

    async fn replay(
        &self,
        app: &App,
        entry: &Entry,
        run: Uuid,
        counts: &mut BTreeMap<&'static str, usize>,
    ) -> anyhow::Result<()> {
        let envelope = entry.envelope()?;
        if envelope.occurred_at < self.from {
            return Ok(());
        }
        for job in jobs_for(&envelope)? {
            let (kind, mail_id) = (job.kind, mail_id(&job.payload));
            let is_named = self.only.iter().any(|name| kinds_named(name).contains(&kind));
            if !is_named && (mail_id.is_some() || !self.only.is_empty()) {
                continue;
            }
            if !self.dry_run {
                if let Some(mail_id) = mail_id {
                    let command = RequeueEmails { mail_ids: vec![mail_id], accepted_too: true };
                    if app.execute(command, &Origin::default()).await? == 0 {
                        continue;
                    }
                }
                let mut sql = app.write.acquire().await?;
                let key = format!("{}:{run}", job.idempotency_key);
                enqueue(&mut sql, &[job.with_key(key)]).await?;
            }
            *counts.entry(kind).or_default() += 1;
        }
        Ok(())
    }
}
