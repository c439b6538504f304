//! Changes that worker loops make to the rows of apalis.
#![expect(clippy::disallowed_methods, reason = "the tables belong to apalis")]

use std::time::Duration;

use chrono::{DateTime, Utc};
use keyward_core::infra::postgres::Pool;
use ulid::Ulid;

use super::{
    observation::JobAttempt,
    state::{notify_queues, sql},
};

/// Due jobs of a paused kind that one statement postpones.
const POSTPONED_AT_ONCE: i64 = 1_000;
/// Seconds without a report after which a worker loop is dead.
const DEAD_AFTER_S: f64 = 15.0;
/// Characters of an error that identify its cause.
const CLASS_LENGTH: usize = 160;
/// Digits that make a word a number; SMTP codes and seconds are shorter.
const NUMBER_DIGITS: usize = 4;

/// Records a failed attempt: a row of its own, and in the row of the job the first and the last error.
/// With a `wait` the job is due again after it; apalis then marks the row `Failed`.
pub(super) async fn record_failure(
    pool: &Pool,
    attempt: JobAttempt<'_>,
    took: Duration,
    error: &str,
    wait: Option<Duration>,
) -> sqlx::Result<()> {
    // Postgres stores no NUL in a text.
    let error = error.replace('\0', "\u{fffd}");
    sqlx::query(
        "with attempt as (
             insert into job_attempts (job_id, kind, attempt, run_ms, error, error_class)
             values ($1, $4, $5, $6, $2, $7))
         update apalis.jobs
         set run_at = coalesce(now() + $3 * interval '1 second', run_at),
             metadata = hstore(array['first_error', $2, 'first_failed_at', now()::text])
                        || coalesce(delete(metadata, 'postponed_at'), '')
                        || hstore(array['last_error', $2])
         where id = $1",
    )
    .bind(attempt.id)
    .bind(&error)
    .bind(wait.map(|wait| wait.as_secs_f64()))
    .bind(attempt.kind)
    .bind(i32::try_from(attempt.number).unwrap_or(i32::MAX))
    .bind(i32::try_from(took.as_millis()).unwrap_or(i32::MAX))
    .bind(error_class(&error))
    .execute(pool)
    .await
    .map(drop)
}

/// Puts a fetched job back, due after `wait` or when [`resume_postponed`] is called, which each worker
/// does when it starts. No attempt is counted.
pub(super) async fn postpone(pool: &Pool, id: &str, wait: Duration) -> sqlx::Result<()> {
    sqlx::query(
        "update apalis.jobs
         set status = 'Pending', lock_by = null, lock_at = null,
             run_at = now() + $2 * interval '1 second',
             metadata = coalesce(metadata, '') || hstore('postponed_at', now()::text)
         where id = $1",
    )
    .bind(id)
    .bind(wait.as_secs_f64())
    .execute(pool)
    .await
    .map(drop)
}

/// Puts a fetched job of a paused kind back, and with it other due jobs of the kind, so that they do
/// not delay the rest of the queue. [`resume_postponed`] makes them due again.
pub(super) async fn postpone_kind(
    pool: &Pool,
    id: &str,
    kind: &str,
    wait: Duration,
) -> sqlx::Result<()> {
    sqlx::query(concat!(
        "update apalis.jobs
         set status = 'Pending', lock_by = null, lock_at = null,
             run_at = now() + $2 * (1 + random() / 4) * interval '1 second',
             metadata = coalesce(metadata, '') || hstore('postponed_at', now()::text)
         where id = $1 or id in (
             select id from apalis.jobs where ",
        sql!(kind),
        " = $3 and ",
        sql!(open),
        " and run_at <= now() order by run_at limit $4 for update skip locked)",
    ))
    .bind(id)
    .bind(wait.as_secs_f64())
    .bind(kind)
    .bind(POSTPONED_AT_ONCE)
    .execute(pool)
    .await
    .map(drop)
}

/// Makes jobs due that [`postpone`] and [`postpone_kind`] put back, except those of kinds that are
/// still paused.
pub(super) async fn resume_postponed(pool: &Pool, paused: &[String]) -> sqlx::Result<()> {
    sqlx::query(notify_queues!(concat!(
        "update apalis.jobs set run_at = now(), metadata = delete(metadata, 'postponed_at')
         where metadata ? 'postponed_at' and ",
        sql!(kind),
        " <> all($1) and ",
        sql!(open),
    )))
    .bind(paused)
    .execute(pool)
    .await
    .map(drop)
}

/// Releases the jobs of an ended worker loop to others, and marks the loop as gone.
pub(super) async fn release(pool: &Pool, worker: &str) -> sqlx::Result<()> {
    sqlx::query(
        "with released as (
             update apalis.jobs set status = 'Pending', lock_by = null, lock_at = null
             where lock_by = $1 and status in ('Queued', 'Running'))
         update apalis.workers set last_seen = now() - interval '1 minute' where id = $1",
    )
    .bind(worker)
    .execute(pool)
    .await
    .map(drop)
}

/// The paused queues and kinds, and those of `kinds` that have due jobs. Reads at most one job of each:
/// with `exists` in place of `lateral`, Postgres may join the kinds with all due jobs.
pub(super) async fn poll(
    pool: &Pool,
    kinds: &[&'static str],
) -> sqlx::Result<(Vec<String>, Vec<String>)> {
    sqlx::query_as(concat!(
        "select array(select queue from queue_pauses),
                array(select name from unnest($1::text[]) as kind (name)
                      cross join lateral (select from apalis.jobs where ",
        sql!(kind),
        " = name and ",
        sql!(open),
        " and run_at <= now() limit 1) as due)",
    ))
    .bind(kinds)
    .fetch_one(pool)
    .await
}

/// Reports that worker loops are alive, and makes jobs of `queues` due again whose loop is dead: it has
/// not reported for [`DEAD_AFTER_S`].
pub(super) async fn report_alive(
    pool: &Pool,
    workers: &[String],
    queues: &[&'static str],
) -> sqlx::Result<()> {
    sqlx::query(
        "with alive as (
             update apalis.workers set last_seen = now() where id = any($1)),
         stale as (
             select jobs.id from apalis.jobs join apalis.workers on workers.id = lock_by
             where status in ('Queued', 'Running') and workers.id <> all($1)
                   and last_seen < now() - $2 * interval '1 second' and job_type = any($3)
             for update of jobs skip locked)
         update apalis.jobs
         set status = 'Pending', attempts = attempts + 1, done_at = null, lock_by = null,
             lock_at = null, last_result = '{\"Err\": \"its worker has died\"}'
         from stale where jobs.id = stale.id",
    )
    .bind(workers)
    .bind(DEAD_AFTER_S)
    .bind(queues)
    .execute(pool)
    .await
    .map(drop)
}

/// Deletes up to `limit` jobs that were inserted and completed or discarded before `before`, up to
/// `limit` attempts of deleted jobs, and worker loops that ended more than an hour ago. Returns the
/// number of deleted rows.
///
/// An id begins with its time, so the primary key finds old jobs. The table belongs to apalis: it cannot
/// be partitioned.
pub(crate) async fn prune(pool: &Pool, before: DateTime<Utc>, limit: i64) -> sqlx::Result<u64> {
    let first = Ulid::from_parts(before.timestamp_millis().unsigned_abs(), 0);
    let jobs = sqlx::query(concat!(
        "delete from apalis.jobs where id = any(array(
             select id from apalis.jobs where id < $1 and (status = 'Done' or ",
        sql!(discarded),
        ") and done_at < $2 order by id limit $3 for update skip locked))",
    ))
    .bind(first.to_string())
    .bind(before)
    .bind(limit)
    .execute(pool)
    .await?;
    let attempts = sqlx::query(
        "delete from job_attempts where position = any(array(
             select position from job_attempts
             where failed_at < $1 and (select true from apalis.jobs where jobs.id = job_id) is null
             order by failed_at limit $2))",
    )
    .bind(before)
    .bind(limit)
    .execute(pool)
    .await?;
    let workers = sqlx::query(
        "delete from apalis.workers
         where last_seen < now() - interval '1 hour'
               -- Its jobs are rescued by its name.
               and not exists (select from apalis.jobs where lock_by = workers.id
                               and status in ('Queued', 'Running'))",
    )
    .execute(pool)
    .await?;
    Ok(jobs.rows_affected() + attempts.rows_affected() + workers.rows_affected())
}

/// The error with ids and long numbers replaced by `#`: the same for all errors of one cause.
fn error_class(error: &str) -> String {
    let mut class = String::new();
    let is_part = |c: char| c.is_ascii_alphanumeric();
    for piece in error.split_inclusive(|c: char| !is_part(c) && c != '-').take(CLASS_LENGTH) {
        let word = piece.trim_end_matches(|c: char| !is_part(c) && c != '-');
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let is_id = digits >= NUMBER_DIGITS || (word.len() >= 8 && digits >= 2);
        class.push_str(if is_id { "#" } else { word });
        class.push_str(&piece[word.len()..]);
    }
    class.chars().take(CLASS_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::error_class;

    #[test]
    fn errors_of_one_cause_have_one_class() {
        let one =
            error_class("451 4.3.0 <[address]>: queued as 8f3a91bc22 at 1764097200, try later");
        let other =
            error_class("451 4.3.0 <[address]>: queued as 77aa10ff01 at 1764097311, try later");
        assert_eq!(one, other);
        assert_eq!(one, "451 4.3.0 <[address]>: queued as # at #, try later");
        let id = "mail 0199-not-found: 019a9f0e-7b2c-7d10-a7a1-0242ac120002";
        assert_eq!(error_class(id), "mail #: #");
    }

    #[test]
    fn different_causes_have_different_classes() {
        assert_ne!(error_class("550 5.1.1 no such user"), error_class("552 5.2.2 mailbox full"));
        assert_ne!(error_class("took longer than 30 s"), error_class("took longer than 60 s"));
    }

    #[test]
    fn a_class_is_short() {
        assert_eq!(error_class(&"\u{1f600} ".repeat(10_000)).chars().count(), 160);
    }
}
