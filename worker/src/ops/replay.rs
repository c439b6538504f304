//! Events whose jobs are done once more.

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, SecondsFormat, Utc};
use keyward_core::{
    App,
    commands::internal::RequeueEmails,
    origin::Origin,
    pipeline::outbox::comparison::{Entry, entries},
};
use uuid::Uuid;

use crate::{jobs::QueuedTicket, ops::dead::mail_of, queue};

/// Events that are read at a time.
const PAGE: i64 = 1_000;

/// Which jobs to do once more.
#[derive(Debug, Clone)]
pub struct Replay {
    /// Those of events since then. The outbox goes back seven days.
    pub from: DateTime<Utc>,
    /// Only jobs of these queues; all but mails, if none is named.
    pub queues: Vec<String>,
    /// Only says what it would do.
    pub dry_run: bool,
}

/// As it stands in the audit.
impl fmt::Display for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = self.from.to_rfc3339_opts(SecondsFormat::Secs, true);
        write!(f, "events since {from}")?;
        match &self.queues[..] {
            [] => Ok(()),
            queues => write!(f, ", only {}", queues.join(", ")),
        }
    }
}

impl Replay {
    /// Puts the jobs into their queues, beside those that were done before, and returns how many
    /// for each.
    ///
    /// A mail is sent again only if its queue is named: then also one that was accepted before, as
    /// the same mail with the same `Message-ID`; one whose link was used or replaced is not.
    ///
    /// # Errors
    ///
    /// If Postgres is away, or an event cannot be read; what was put in until then stays in.
    pub async fn run(&self, app: &App) -> anyhow::Result<BTreeMap<&'static str, usize>> {
        let mut counts = BTreeMap::new();
        // One run is one repetition, however often parts of it are put in.
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
        for ticket in QueuedTicket::all(&envelope) {
            let queue = ticket.queue;
            let mail = mail_of(&ticket.value()?);
            let is_named = self.queues.iter().any(|named| named == queue);
            if !is_named && (mail.is_some() || !self.queues.is_empty()) {
                continue;
            }
            if !self.dry_run {
                if let Some(mail_id) = mail {
                    let command = RequeueEmails { mail_ids: vec![mail_id], accepted_too: true };
                    if app.execute(command, &Origin::default()).await? == 0 {
                        continue;
                    }
                }
                let mut sql = app.write.acquire().await?;
                queue::enqueue(&mut sql, &[ticket.again(run)]).await?;
            }
            *counts.entry(queue).or_default() += 1;
        }
        Ok(())
    }
}

impl QueuedTicket {
    /// The same job once more.
    fn again(mut self, run: Uuid) -> Self {
        self.idempotency_key = format!("{}:{run}", self.idempotency_key);
        self
    }

    fn value(&self) -> anyhow::Result<serde_json::Value> {
        let payload = self.payload.as_ref().map_err(|error| anyhow::anyhow!("{error}"))?;
        Ok(serde_json::from_slice(payload)?)
    }
}
