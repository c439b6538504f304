//! The rows of the queues: apalis' table, which our prepared schema does not know.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use apalis::prelude::Attempt;
use sqlx::{PgConnection, PgPool};
use ulid::Ulid;

use super::Work;
use crate::{jobs::QueuedTicket, ops::board::class_of};

/// Puts jobs into their queues, in the caller's transaction; those that are there already stay.
#[expect(clippy::disallowed_methods, reason = "apalis' table is not in our prepared schema")]
pub(crate) async fn enqueue(
    sql: &mut PgConnection,
    tickets: &[QueuedTicket],
) -> anyhow::Result<()> {
    if tickets.is_empty() {
        return Ok(());
    }
    let mut payloads = Vec::with_capacity(tickets.len());
    for ticket in tickets {
        payloads.push(ticket.payload.as_ref().map_err(|error| anyhow::anyhow!("{error}"))?);
    }
    // apalis' trigger tells of each row that is due when the transaction began; these are due since
    // a moment later, and each queue is told of once.
    sqlx::query(
        "with job as (
             insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at,
                                      priority, idempotency_key)
             select id, queue, payload, 'Pending', 0, max_attempts,
                    greatest(clock_timestamp(), now() + interval '1 microsecond'), 0, key
             from unnest($1::text[], $2::bytea[], $3::int[], $4::text[], $5::text[])
                  as job (queue, payload, max_attempts, key, id)
             on conflict (job_type, idempotency_key) do nothing
             returning job_type)
         select pg_notify('apalis::job::insert', json_build_object('job_type', job_type)::text)
         from (select distinct job_type from job) as queue",
    )
    .bind(tickets.iter().map(|ticket| ticket.queue).collect::<Vec<_>>())
    .bind(payloads)
    .bind(tickets.iter().map(|ticket| ticket.max_attempts).collect::<Vec<_>>())
    .bind(tickets.iter().map(|ticket| ticket.idempotency_key.as_str()).collect::<Vec<_>>())
    .bind(tickets.iter().map(|_| Ulid::generate().to_string()).collect::<Vec<_>>())
    .execute(sql)
    .await?;
    Ok(())
}

/// Which of these jobs are in their queues, whatever became of them: queue and key.
pub(crate) async fn existing(
    pool: &PgPool,
    tickets: &[&QueuedTicket],
) -> sqlx::Result<HashSet<(String, String)>> {
    let there: Vec<(String, String)> = sqlx::query_as(
        "select job_type, idempotency_key from apalis.jobs
         where (job_type, idempotency_key) in (select * from unnest($1::text[], $2::text[]))",
    )
    .bind(tickets.iter().map(|ticket| ticket.queue).collect::<Vec<_>>())
    .bind(tickets.iter().map(|ticket| ticket.idempotency_key.as_str()).collect::<Vec<_>>())
    .fetch_all(pool)
    .await?;
    Ok(there.into_iter().collect())
}

/// Why an attempt failed.
#[derive(Debug)]
pub(super) struct Failure {
    queue: &'static str,
    attempt: i32,
    run_ms: i32,
    error: String,
}

impl Failure {
    pub(super) fn new<W: Work>(
        attempt: &Attempt,
        began_at: Instant,
        error: &impl std::fmt::Display,
    ) -> Self {
        Self {
            queue: W::QUEUE,
            attempt: attempt.current().try_into().unwrap_or(i32::MAX),
            run_ms: began_at.elapsed().as_millis().try_into().unwrap_or(i32::MAX),
            // A NUL cannot be stored as text.
            error: error.to_string().replace('\0', "\u{fffd}"),
        }
    }
}

/// Writes down why an attempt failed: in the row the first reason stays and the last one is replaced,
/// and every attempt has a row of its own. With a `wait` the next attempt is moved; apalis then marks
/// the row `Failed` and fetches it when it is due.
#[expect(clippy::disallowed_methods, reason = "apalis' table is not in our prepared schema")]
pub(super) async fn failed(
    pool: &PgPool,
    id: &str,
    failure: Failure,
    wait: Option<Duration>,
) -> sqlx::Result<()> {
    sqlx::query(
        "with attempt as (
             insert into job_attempts (job_id, queue, attempt, run_ms, error, error_class)
             values ($1, $4, $5, $6, $2, $7))
         update apalis.jobs
         set run_at = coalesce(now() + $3 * interval '1 second', run_at),
             metadata = hstore(array['first_error', $2, 'first_failed_at', now()::text])
                        || coalesce(metadata, '')
                        || hstore(array['last_error', $2])
         where id = $1",
    )
    .bind(id)
    .bind(&failure.error)
    .bind(wait.map(|wait| wait.as_secs_f64()))
    .bind(failure.queue)
    .bind(failure.attempt)
    .bind(failure.run_ms)
    .bind(class_of(&failure.error))
    .execute(pool)
    .await
    .map(drop)
}

/// Puts a job back, for later, as if it had not been taken.
#[expect(clippy::disallowed_methods, reason = "apalis' table is not in our prepared schema")]
pub(super) async fn put_off(pool: &PgPool, id: &str, wait: Duration) -> sqlx::Result<()> {
    sqlx::query(
        "update apalis.jobs
         set status = 'Pending', lock_by = null, lock_at = null,
             run_at = now() + $2 * interval '1 second'
         where id = $1",
    )
    .bind(id)
    .bind(wait.as_secs_f64())
    .execute(pool)
    .await
    .map(drop)
}

/// Gives back what a worker that has ended had taken: others go on with it, and it is not counted any
/// more.
#[expect(clippy::disallowed_methods, reason = "apalis' table is not in our prepared schema")]
pub(super) async fn release(pool: &PgPool, worker: &str) -> sqlx::Result<()> {
    sqlx::query(
        "with given_back as (
             update apalis.jobs set status = 'Pending', lock_by = null, lock_at = null
             where lock_by = $1 and status in ('Queued', 'Running'))
         update apalis.workers set last_seen = now() - interval '1 minute' where id = $1",
    )
    .bind(worker)
    .execute(pool)
    .await
    .map(drop)
}

/// Says that a worker lives which is ending, and of which apalis says nothing any more.
#[expect(clippy::disallowed_methods, reason = "apalis' table is not in our prepared schema")]
pub(super) async fn still_lives(pool: &PgPool, worker: &str) -> sqlx::Result<()> {
    sqlx::query("update apalis.workers set last_seen = now() where id = $1")
        .bind(worker)
        .execute(pool)
        .await
        .map(drop)
}

/// Removes jobs that were done, or dropped by a person, `done_for` ago, with what is known of their
/// attempts, and workers that are long gone.
#[expect(clippy::disallowed_methods, reason = "apalis' table is not in our prepared schema")]
pub(crate) async fn prune(pool: &PgPool, done_for: Duration) -> sqlx::Result<()> {
    let seconds = done_for.as_secs_f64();
    sqlx::query(
        "delete from apalis.jobs
         where (status = 'Done' or (status = 'Killed' and metadata ? 'dropped_at'))
               and done_at < now() - $1 * interval '1 second'",
    )
    .bind(seconds)
    .execute(pool)
    .await?;
    sqlx::query(
        "delete from job_attempts
         where failed_at < now() - $1 * interval '1 second'
               and not exists (select from apalis.jobs where jobs.id = job_id)",
    )
    .bind(seconds)
    .execute(pool)
    .await?;
    sqlx::query(
        "delete from apalis.workers
         where last_seen < now() - interval '1 hour'
               -- What it has in its hands is rescued by its name.
               and not exists (select from apalis.jobs where lock_by = workers.id
                               and status in ('Queued', 'Running'))",
    )
    .execute(pool)
    .await?;
    Ok(())
}
