//! What nobody tries any more: events that could not be read, and jobs that were given up. Each
//! stays, with its reason, until a person retries or drops it.

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use keyward_core::{
    App,
    domain::MailId,
    events::Envelope,
    pipeline::dead_letters::{self, DeadLetter},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    ops::board::acts::{self, Act, Who},
    pipeline::consumer::take_effect,
    queue::dead::{self, DeadJob},
};

/// Something that nobody tries any more.
#[derive(Debug, Clone)]
pub struct Dead {
    /// What it is called in [`retry`] and [`let_rest`].
    pub id: String,
    /// The queue of the job; for an event where it was published.
    pub place: String,
    /// How often it was tried; 0 for an event.
    pub attempts: i32,
    /// When it was given up.
    pub died_at: Option<DateTime<Utc>>,
    /// Why the first attempt failed, and when.
    pub first_error: Option<(String, Option<DateTime<Utc>>)>,
    /// Why it was given up.
    pub last_error: String,
    /// What it says: ids, never a secret.
    pub payload: String,
}

impl From<DeadLetter> for Dead {
    fn from(letter: DeadLetter) -> Self {
        Self {
            id: letter.id.to_string(),
            place: letter.subject,
            attempts: 0,
            died_at: Some(letter.received_at),
            first_error: None,
            last_error: letter.reason,
            payload: String::from_utf8_lossy(&letter.payload).into_owned(),
        }
    }
}

impl From<DeadJob> for Dead {
    fn from(job: DeadJob) -> Self {
        let payload = String::from_utf8_lossy(&job.payload).into_owned();
        Self {
            id: job.id,
            place: job.queue,
            attempts: job.attempts,
            died_at: job.died_at,
            first_error: job.first_error.map(|error| (error, job.first_failed_at)),
            last_error: job.last_error.unwrap_or_default(),
            payload,
        }
    }
}

/// The latest ones, events before jobs; only jobs of a queue, if one is named.
///
/// # Errors
///
/// If Postgres is away.
pub async fn list(app: &App, queue: Option<&str>, limit: i64) -> anyhow::Result<Vec<Dead>> {
    let mut found = Vec::new();
    if queue.is_none() {
        let mut sql = app.read.acquire().await?;
        let letters = dead_letters::list(&mut sql, None, limit).await?;
        found.extend(letters.into_iter().map(Dead::from));
    }
    let jobs = dead::list(&app.read, queue, limit).await?;
    found.extend(jobs.into_iter().map(Dead::from));
    Ok(found)
}

/// One of them.
///
/// # Errors
///
/// If there is none of this name, or Postgres is away.
pub async fn get(app: &App, id: &str) -> anyhow::Result<Dead> {
    Ok(match find(app, id).await? {
        Found::Letter(letter) => letter.into(),
        Found::Job(job) => job.into(),
    })
}

/// Tries one again. An event is read anew and has its effect, unless it had it before; a job is put
/// back into its queue with all its attempts, and if it sends a mail that had failed, the mail is
/// planned again.
///
/// # Errors
///
/// If the event still cannot be read, there is nothing of this name, or Postgres is away; then it
/// stays as it is.
pub async fn retry(app: &App, who: &Who, id: &str) -> anyhow::Result<()> {
    match find(app, id).await? {
        Found::Letter(letter) => {
            let reading = async {
                let event: Envelope = serde_json::from_slice(&letter.payload)
                    .context("this version of Keyward cannot read it either")?;
                let mut tx = app.write.begin().await?;
                take_effect(&mut tx, vec![event], app.clock.now()).await?;
                let is_removed = dead_letters::remove(&mut tx, letter.id).await?;
                tx.commit().await?;
                Ok(i64::from(is_removed))
            };
            who.does(app, "retry", &format!("unreadable event {id}"), reading).await.map(drop)
        }
        Found::Job(job) => acts::one(app, who, Act::Retry, &job.id).await,
    }
}

/// Lets one rest: nobody is told of it any more.
///
/// # Errors
///
/// If there is none of this name, or Postgres is away.
pub async fn let_rest(app: &App, who: &Who, id: &str) -> anyhow::Result<()> {
    match find(app, id).await? {
        Found::Letter(letter) => {
            let removing = async {
                let mut sql = app.write.acquire().await?;
                Ok(i64::from(dead_letters::remove(&mut sql, letter.id).await?))
            };
            who.does(app, "discard", &format!("unreadable event {id}"), removing).await.map(drop)
        }
        Found::Job(job) => acts::one(app, who, Act::Discard, &job.id).await,
    }
}

/// The mail that a job sends, if it sends one: whatever names a mail does.
pub(crate) fn mail_of(ticket: &Value) -> Option<MailId> {
    ticket["work"]["mail_id"].as_str()?.parse().ok().map(MailId)
}

enum Found {
    Letter(DeadLetter),
    Job(DeadJob),
}

async fn find(app: &App, id: &str) -> anyhow::Result<Found> {
    if let Ok(uuid) = id.parse::<Uuid>() {
        let mut sql = app.read.acquire().await?;
        if let Some(letter) = dead_letters::get(&mut sql, uuid).await? {
            return Ok(Found::Letter(letter));
        }
    }
    match dead::get(&app.read, id).await? {
        Some(job) => Ok(Found::Job(job)),
        None => bail!("nothing dead is called {id}; see `keyward-worker dead list`"),
    }
}
