//! What a person does to jobs. Each statement looks at the state itself, so that a job which a worker
//! has taken meanwhile is left alone; it returns how many were not.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

use super::{
    list::walk,
    search::{Filter, Job, Place},
    states::open,
};

/// Counts the jobs that a statement has changed, and tells each of their queues once.
macro_rules! changed_and_told {
    ($change:expr) => {
        concat!(
            "with job as (", $change, " returning job_type),
             told as (
                 select pg_notify('apalis::job::insert', json_build_object('job_type', job_type)::text)
                 from (select distinct job_type from job) as queue)
             select (select count(*) from job) + 0 * (select count(*) from told)"
        )
    };
}

/// Puts dead ones back into their queues, as if they had never been tried; the first error stays
/// known.
pub(crate) async fn revive(sql: &mut PgConnection, ids: &[String]) -> sqlx::Result<i64> {
    sqlx::query_scalar(changed_and_told!(
        "update apalis.jobs
         set status = 'Pending', attempts = 0, run_at = now(), done_at = null, lock_by = null,
             lock_at = null, metadata = delete(metadata, 'dropped_at')
         where id = any($1) and status in ('Killed', 'Failed')"
    ))
    .bind(ids)
    .fetch_one(sql)
    .await
}

/// Makes the next attempt of scheduled ones due now.
pub(crate) async fn hasten(sql: &mut PgConnection, ids: &[String]) -> sqlx::Result<i64> {
    sqlx::query_scalar(changed_and_told!(concat!(
        "update apalis.jobs set run_at = now() where id = any($1) and run_at > now() and ",
        open!(),
    )))
    .bind(ids)
    .fetch_one(sql)
    .await
}

/// Lets them rest, unless they are running or done. They stay known for a while, so that nobody
/// misses them.
pub(crate) async fn let_rest(sql: &mut PgConnection, ids: &[String]) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "with job as (
             update apalis.jobs
             set status = 'Killed', done_at = coalesce(done_at, now()),
                 metadata = coalesce(metadata, '') || hstore('dropped_at', now()::text)
             where id = any($1) and status in ('Pending', 'Failed', 'Killed')
             returning id)
         select count(*) from job",
    )
    .bind(ids)
    .fetch_one(sql)
    .await
}

/// Up to `limit` jobs that match and have not been tried since `before`, from a place on: what is done
/// to them may make them match again, and none is to be looked at twice.
pub(crate) async fn matching(
    pool: &PgPool,
    filter: &Filter,
    before: DateTime<Utc>,
    after: Option<Place>,
    limit: i64,
) -> sqlx::Result<Vec<Job>> {
    walk(pool, filter, Some(before), after, limit).await
}
