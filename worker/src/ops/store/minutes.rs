//! Table `queue_minutes`: what the attempts of each minute came to.

use chrono::{DateTime, Utc};
use keyward_core::{Result, infra::metrics::JobTotals};
use sqlx::{PgConnection, PgPool};

/// One minute of one kind of job; see [`JobTotals`] for the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindMinute {
    /// The kind.
    pub kind: String,
    /// 0 for the current minute.
    pub minutes_ago: i32,
    /// Completed jobs.
    pub completed: i64,
    /// Failed attempts that will be retried.
    pub failed: i64,
    /// Failed attempts that exhausted their job.
    pub dead: i64,
    /// Durations of attempts, by bucket.
    pub run_times: Vec<i64>,
    /// Times from the event to the completion of its job, by bucket.
    pub latencies: Vec<i64>,
}

/// Adds attempts to the current minute.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable.
pub async fn add(pool: &PgPool, kind: &str, totals: &JobTotals) -> Result<()> {
    sqlx::query!(
        "insert into queue_minutes as known
             (kind, minute, completed, failed, dead, run_times, latencies)
         values ($1, date_trunc('minute', now()), $2, $3, $4, $5, $6)
         on conflict (kind, minute) do update
         set completed = known.completed + excluded.completed,
             failed = known.failed + excluded.failed, dead = known.dead + excluded.dead,
             run_times = array(
                 select coalesce(a, 0) + coalesce(b, 0)
                 from unnest(known.run_times, excluded.run_times)
                      with ordinality as bucket (a, b, nth) order by nth),
             latencies = array(
                 select coalesce(a, 0) + coalesce(b, 0)
                 from unnest(known.latencies, excluded.latencies)
                      with ordinality as bucket (a, b, nth) order by nth)",
        kind,
        totals.completed,
        totals.failed,
        totals.dead,
        &totals.run_times,
        &totals.latencies,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// The last sixty minutes of all kinds, unordered. A minute without attempts has no row.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable.
pub async fn of_last_hour(sql: &mut PgConnection) -> Result<Vec<KindMinute>> {
    Ok(sqlx::query_as!(
        KindMinute,
        r#"select kind,
                  (extract(epoch from date_trunc('minute', now()) - minute) / 60)::int
                      as "minutes_ago!",
                  completed, failed, dead, run_times, latencies
           from queue_minutes where minute > date_trunc('minute', now()) - interval '60 minutes'"#,
    )
    .fetch_all(sql)
    .await?)
}

/// Deletes up to `limit` earlier minutes. Returns their number.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable.
pub async fn prune(pool: &PgPool, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    let done = sqlx::query!(
        "delete from queue_minutes where ctid = any(array(
             select ctid from queue_minutes where minute < $1 order by minute limit $2))",
        before,
        limit,
    );
    Ok(done.execute(pool).await?.rows_affected())
}
