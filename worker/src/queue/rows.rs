//! The rows of the queues: apalis' table, which our prepared schema does not know.

use std::{collections::HashSet, time::Duration};

use sqlx::{PgConnection, PgPool};

use crate::jobs::QueuedTicket;

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
    sqlx::query(
        "insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at,
                                  priority, idempotency_key)
         select apalis.generate_ulid(), queue, payload, 'Pending', 0, max_attempts, now(), 0, key
         from unnest($1::text[], $2::bytea[], $3::int[], $4::text[])
              as job (queue, payload, max_attempts, key)
         on conflict (job_type, idempotency_key) do nothing",
    )
    .bind(tickets.iter().map(|ticket| ticket.queue).collect::<Vec<_>>())
    .bind(payloads)
    .bind(tickets.iter().map(|ticket| ticket.max_attempts).collect::<Vec<_>>())
    .bind(tickets.iter().map(|ticket| ticket.idempotency_key.as_str()).collect::<Vec<_>>())
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

/// Writes down why an attempt failed: the first reason stays, the last one is replaced. With a
/// `wait` the next attempt is moved; apalis then marks the row `Failed` and fetches it when it is
/// due.
#[expect(clippy::disallowed_methods, reason = "apalis' table is not in our prepared schema")]
pub(super) async fn failed(
    pool: &PgPool,
    id: &str,
    reason: &str,
    wait: Option<Duration>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update apalis.jobs
         set run_at = coalesce(now() + $3 * interval '1 second', run_at),
             metadata = hstore(array['first_error', $2, 'first_failed_at', now()::text])
                        || coalesce(metadata, '')
                        || hstore(array['last_error', $2])
         where id = $1",
    )
    .bind(id)
    // A NUL cannot be stored as text.
    .bind(reason.replace('\0', "\u{fffd}"))
    .bind(wait.map(|wait| wait.as_secs_f64()))
    .execute(pool)
    .await
    .map(drop)
}

/// Gives back what a worker that has ended had taken: others go on with it.
#[expect(clippy::disallowed_methods, reason = "apalis' table is not in our prepared schema")]
pub(super) async fn release(pool: &PgPool, worker: &str) -> sqlx::Result<()> {
    sqlx::query(
        "update apalis.jobs set status = 'Pending', lock_by = null, lock_at = null
         where lock_by = $1 and status in ('Queued', 'Running')",
    )
    .bind(worker)
    .execute(pool)
    .await
    .map(drop)
}

/// Removes jobs that were done, or dropped by a person, `done_for` ago and workers that are long
/// gone.
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
        "delete from apalis.workers
         where last_seen < now() - interval '1 hour'
               and not exists (select from apalis.jobs where lock_by = workers.id
                               and status in ('Queued', 'Running'))",
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// For each queue and state of jobs that are not done: how many there are, and for how many seconds
/// the oldest of them has been due. States: waiting, running, scheduled (due later), dead.
pub(crate) async fn not_done(
    pool: &PgPool,
    queues: &[&str],
) -> sqlx::Result<Vec<(String, String, i64, f64)>> {
    sqlx::query_as(
        "with open as (
             select job_type, run_at, case
                 when status in ('Queued', 'Running') then 'running'
                 when status = 'Killed' or attempts >= max_attempts then 'dead'
                 when run_at > now() then 'scheduled'
                 else 'waiting' end as state
             from apalis.jobs
             where status in ('Pending', 'Queued', 'Running', 'Failed', 'Killed')
                   and not coalesce(metadata ? 'dropped_at', false))
         select queue, known.state, count(open.state),
                coalesce(greatest(extract(epoch from now() - min(run_at)), 0), 0)::float8
         from unnest($1::text[]) as known_queue (queue)
              cross join unnest(array['waiting', 'running', 'scheduled', 'dead']) as known (state)
              left join open on job_type = queue and open.state = known.state
         group by queue, known.state order by queue, known.state",
    )
    .bind(queues)
    .fetch_all(pool)
    .await
}
