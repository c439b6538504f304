//! What operators do to jobs. Each statement checks the state itself and leaves alone a job that a
//! worker has taken in the meantime. Returns the number of changed jobs.

use sqlx::PgConnection;

use super::state::{notify_queues, sql};

/// Puts dead and discarded jobs back with all their attempts. The first error stays.
pub(crate) async fn retry(sql: &mut PgConnection, ids: &[String]) -> sqlx::Result<i64> {
    sqlx::query_scalar(notify_queues!(
        "update apalis.jobs
         set status = 'Pending', attempts = 0, run_at = now(), done_at = null, lock_by = null,
             lock_at = null, metadata = delete(metadata, 'discarded_at')
         where id = any($1) and status in ('Killed', 'Failed')"
    ))
    .bind(ids)
    .fetch_one(sql)
    .await
}

/// Makes scheduled jobs due now.
pub(crate) async fn run_now(sql: &mut PgConnection, ids: &[String]) -> sqlx::Result<i64> {
    sqlx::query_scalar(notify_queues!(concat!(
        "update apalis.jobs set run_at = now() where id = any($1) and run_at > now() and ",
        sql!(open),
    )))
    .bind(ids)
    .fetch_one(sql)
    .await
}

/// Discards jobs that are neither running nor completed.
pub(crate) async fn discard(sql: &mut PgConnection, ids: &[String]) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "with job as (
             update apalis.jobs
             set status = 'Killed', done_at = coalesce(done_at, now()),
                 metadata = coalesce(metadata, '') || hstore('discarded_at', now()::text)
             where id = any($1) and status in ('Pending', 'Failed', 'Killed')
             returning id)
         select count(*) from job",
    )
    .bind(ids)
    .fetch_one(sql)
    .await
}
