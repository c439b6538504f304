//! The whole story of something: the request, its events, their jobs and mails.

use keyward_core::{
    App,
    domain::{EventId, MailId, UserId},
    operations::{
        attempts::{self, FailedAttempt},
        story::{self, Needle, Story, StoryMail},
    },
};
use uuid::Uuid;

use super::jobs::Job;
use crate::{jobs::Job as AnyJob, ops::dead::mail_of, queue::search};

/// Events and mails of one answer, at most.
const LIMIT: i64 = 50;

/// Events that a page looks through for the id of a trace: on a busy machine that takes a tenth of a
/// second.
pub const RECENT: i64 = 50_000;

/// Everything that is known of what somebody looked for.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Events, the latest first.
    pub events: Vec<Story>,
    /// Their jobs, the latest first.
    pub jobs: Vec<Job>,
    /// Their mails, the latest first; for an account all the mails to it.
    pub mails: Vec<StoryMail>,
    /// What was looked for, if it is an account.
    pub user: Option<UserId>,
}

/// Everything that is known of one job.
#[derive(Debug, Clone)]
pub struct JobStory {
    /// The job.
    pub job: Job,
    /// Its attempts that failed, the first one first.
    pub attempts: Vec<FailedAttempt>,
    /// The event that it follows from; nothing if the outbox keeps it no longer.
    pub event: Option<Story>,
    /// The event's identity, as the job knows it.
    pub event_id: Option<EventId>,
    /// The other jobs of the event.
    pub siblings: Vec<Job>,
    /// The mail that it sends.
    pub mail: Option<StoryMail>,
}

/// What somebody types: an id of any kind; of a `Message-ID` the brackets and the domain are left
/// out, of a `traceparent` all but the trace.
#[must_use]
pub fn cleaned(query: &str) -> &str {
    let query = query.trim().trim_start_matches('<').trim_end_matches('>');
    match query.split_once('@') {
        Some((id, _)) if id.parse::<Uuid>().is_ok() => id,
        _ => match query.split('-').collect::<Vec<_>>()[..] {
            ["00", trace, span, flags] if is_trace(trace) && span.len() + flags.len() == 18 => {
                trace
            }
            _ => query,
        },
    }
}

/// Whether something is written like the id of a trace (W3C Trace Context).
pub(super) fn is_trace(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The story of a request, a trace, an event, a mail, an account, or a job: whatever has this id.
/// Only of a trace: among so many of the latest events, because no index knows it.
///
/// # Errors
///
/// If Postgres is away.
pub async fn find(app: &App, query: &str, among: i64) -> anyhow::Result<Found> {
    let id = cleaned(query);
    if let Some(job) = search::get(&app.read, &id.to_uppercase()).await? {
        return match event_of(&job) {
            Some(event_id) => of_events(app, &Needle::Event(event_id)).await,
            None => Ok(Found { jobs: vec![job], ..Found::default() }),
        };
    }
    let mut needles = vec![Needle::Request(id.to_owned())];
    if let Ok(id) = id.parse() {
        needles.insert(0, Needle::Event(EventId(id)));
        // A mail last: events that mention the id count as those that planned it.
        needles.extend([Needle::User(UserId(id)), Needle::Mail(MailId(id))]);
    }
    if is_trace(id) {
        needles.push(Needle::Trace(id.to_lowercase(), among));
    }
    let mut last = Found::default();
    for needle in needles {
        last = of_events(app, &needle).await?;
        if !last.is_empty() {
            return Ok(last);
        }
    }
    Ok(last)
}

async fn of_events(app: &App, needle: &Needle) -> anyhow::Result<Found> {
    let mut sql = app.read.acquire().await?;
    let events = story::find(&mut sql, needle, LIMIT).await?;
    let mut mail_ids: Vec<MailId> = events.iter().flat_map(Story::mails).collect();
    let user = match needle {
        Needle::User(id) => Some(*id),
        Needle::Mail(id) => {
            mail_ids.push(*id);
            None
        }
        Needle::Event(_) | Needle::Request(_) | Needle::Trace(..) => None,
    };
    let mails = story::mails(&mut sql, &mail_ids, user, LIMIT).await?;
    drop(sql);
    let mut ids: Vec<Uuid> = events.iter().map(|event| event.event_id.0).collect();
    if let (Needle::Event(id), true) = (needle, ids.is_empty()) {
        // The outbox may keep it no longer, and the queue still.
        ids.push(id.0);
    }
    let deliveries: Vec<Uuid> = events.iter().flat_map(|event| event.deliveries.clone()).collect();
    let jobs = search::of_events(&app.read, &ids, &deliveries, AnyJob::QUEUES).await?;
    Ok(Found { events, jobs, mails, user })
}

/// The story of one job; nothing if there is none of this name.
///
/// # Errors
///
/// If Postgres is away.
pub async fn job(app: &App, id: &str) -> anyhow::Result<Option<JobStory>> {
    let Some(job) = search::get(&app.read, id).await? else { return Ok(None) };
    let event_id = event_of(&job);
    let found = match event_id {
        Some(id) => of_events(app, &Needle::Event(id)).await?,
        None => Found::default(),
    };
    let mut sql = app.read.acquire().await?;
    let attempts = attempts::of_job(&mut sql, id).await?;
    let mail_ids: Vec<MailId> = mail_of(&job.ticket).into_iter().collect();
    let mail = story::mails(&mut sql, &mail_ids, None, 1).await?.pop();
    let siblings = found.jobs.into_iter().filter(|other| other.id != job.id).collect();
    let event = found.events.into_iter().next();
    Ok(Some(JobStory { job, attempts, event, event_id, siblings, mail }))
}

fn event_of(job: &Job) -> Option<EventId> {
    job.ticket["event_id"].as_str()?.parse().ok().map(EventId)
}

impl Found {
    /// Whether nothing has this id.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.jobs.is_empty() && self.mails.is_empty()
    }

    /// The job that sends a mail, if it is among these.
    #[must_use]
    pub fn job_of(&self, mail: &StoryMail) -> Option<&Job> {
        self.jobs.iter().find(|job| mail_of(&job.ticket) == Some(mail.mail_id))
    }
}

#[cfg(test)]
mod tests {
    use super::cleaned;

    #[test]
    fn an_id_is_found_as_a_mail_or_a_header_shows_it() {
        let id = "019a9f0e-7b2c-7d10-a7a1-0242ac120002";
        assert_eq!(cleaned(&format!(" <{id}@keyward.example>\n")), id);
        assert_eq!(cleaned("my-request:7"), "my-request:7");
        let trace = "0af7651916cd43dd8448eb211c80319c";
        assert_eq!(cleaned(&format!("00-{trace}-b7ad6b7169203331-01")), trace);
        assert_eq!(cleaned("00-4711-b7ad6b7169203331-01"), "00-4711-b7ad6b7169203331-01");
        assert_eq!(cleaned("ada@example.org"), "ada@example.org");
    }
}
