//! Inserting jobs.

use std::collections::HashSet;

use keyward_core::{events::Envelope, infra::postgres::Pool};
use serde_json::Value;
use sqlx::PgConnection;
use ulid::Ulid;

use super::{Job, JobEnvelope};

/// A job that is not in its queue yet.
#[derive(Debug)]
pub(crate) struct NewJob {
    pub(crate) queue: &'static str,
    pub(crate) kind: &'static str,
    /// Unique per queue: a second job with this key is not inserted.
    pub(crate) idempotency_key: String,
    /// The [`JobEnvelope`].
    pub(crate) payload: Value,
    priority: i32,
    max_attempts: i32,
}

impl NewJob {
    /// A job that follows from an event; its key is the id of the event.
    pub(crate) fn new<J: Job>(job: J, cause: &Envelope) -> serde_json::Result<Self> {
        let (kind, priority) = (job.kind(), job.priority());
        let envelope = JobEnvelope { job, event_id: cause.event_id, trace: cause.trace.clone() };
        Ok(Self {
            queue: J::QUEUE,
            kind,
            idempotency_key: cause.event_id.to_string(),
            payload: serde_json::to_value(&envelope)?,
            priority,
            max_attempts: J::MAX_ATTEMPTS,
        })
    }

    /// The same job with another idempotency key.
    pub(crate) fn with_key(self, idempotency_key: String) -> Self {
        Self { idempotency_key, ..self }
    }
}

/// Inserts jobs in the transaction of the caller, except those whose key is already there.
#[expect(clippy::disallowed_methods, reason = "the table belongs to apalis")]
pub(crate) async fn enqueue(sql: &mut PgConnection, jobs: &[NewJob]) -> sqlx::Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    // apalis' trigger notifies once per row that was due when the transaction began. These rows are
    // due a microsecond later, and each queue gets one notification.
    sqlx::query(
        "with job as (
             insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at,
                                      priority, idempotency_key, metadata)
             select id, queue, convert_to(payload, 'UTF8'), 'Pending', 0, max_attempts,
                    greatest(clock_timestamp(), now() + interval '1 microsecond'), priority, key,
                    case when kind <> queue then hstore('kind', kind) end
             from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::int[], $6::text[],
                         $7::text[])
                  as job (id, queue, kind, priority, max_attempts, key, payload)
             on conflict (job_type, idempotency_key) do nothing
             returning job_type)
         select pg_notify('apalis::job::insert', json_build_object('job_type', job_type)::text)
         from (select distinct job_type from job) as queue",
    )
    .bind(jobs.iter().map(|_| Ulid::generate().to_string()).collect::<Vec<_>>())
    .bind(jobs.iter().map(|job| job.queue).collect::<Vec<_>>())
    .bind(jobs.iter().map(|job| job.kind).collect::<Vec<_>>())
    .bind(jobs.iter().map(|job| job.priority).collect::<Vec<_>>())
    .bind(jobs.iter().map(|job| job.max_attempts).collect::<Vec<_>>())
    .bind(jobs.iter().map(|job| job.idempotency_key.as_str()).collect::<Vec<_>>())
    .bind(jobs.iter().map(|job| job.payload.to_string()).collect::<Vec<_>>())
    .execute(sql)
    .await
    .map(drop)
}

/// The queue and key of those jobs that are in their queue, in any state.
pub(crate) async fn existing(
    pool: &Pool,
    jobs: &[&NewJob],
) -> sqlx::Result<HashSet<(String, String)>> {
    let found: Vec<(String, String)> = sqlx::query_as(
        "select job_type, idempotency_key from apalis.jobs
         where (job_type, idempotency_key) in (select * from unnest($1::text[], $2::text[]))",
    )
    .bind(jobs.iter().map(|job| job.queue).collect::<Vec<_>>())
    .bind(jobs.iter().map(|job| job.idempotency_key.as_str()).collect::<Vec<_>>())
    .fetch_all(pool)
    .await?;
    Ok(found.into_iter().collect())
}
