//! The number of jobs in each state. Partial indexes answer it, so completed jobs cost nothing.

use std::collections::HashMap;

use sqlx::PgConnection;

use super::state::sql;

/// Jobs of one kind that are not completed.
#[derive(Debug, Clone, Default, PartialEq, sqlx::FromRow)]
pub struct JobCounts {
    kind: String,
    /// Due jobs.
    pub available: i64,
    /// Jobs whose next attempt is due later.
    pub scheduled: i64,
    /// Jobs that a worker runs.
    pub running: i64,
    /// Dead jobs.
    pub dead: i64,
    /// Seconds since the oldest available job became due.
    pub oldest_available_s: Option<f64>,
    /// Seconds until the next scheduled job is due.
    pub next_scheduled_s: Option<f64>,
}

/// Counts the jobs of all kinds that have any.
pub(crate) async fn count(sql: &mut PgConnection) -> sqlx::Result<HashMap<String, JobCounts>> {
    let counts: Vec<JobCounts> = sqlx::query_as(concat!(
        "select kind, sum(available)::bigint as available, sum(scheduled)::bigint as scheduled,
                sum(running)::bigint as running, sum(dead)::bigint as dead,
                extract(epoch from now() - min(oldest))::float8 as oldest_available_s,
                extract(epoch from min(next) - now())::float8 as next_scheduled_s
         from (
             select ",
        sql!(kind),
        " as kind, count(*) filter (where run_at <= now()) as available,
                    count(*) filter (where run_at > now()) as scheduled, 0 as running, 0 as dead,
                    min(run_at) filter (where run_at <= now()) as oldest,
                    min(run_at) filter (where run_at > now()) as next
             from apalis.jobs where ",
        sql!(open),
        " group by 1
             union all
             select ",
        sql!(kind),
        ", 0, 0, count(*), 0, null, null from apalis.jobs where ",
        sql!(running),
        " group by 1
             union all
             select ",
        sql!(kind),
        ", 0, 0, 0, count(*), null, null from apalis.jobs where ",
        sql!(dead),
        " group by 1
         ) as part group by kind",
    ))
    .fetch_all(sql)
    .await?;
    Ok(counts.into_iter().map(|counts| (counts.kind.clone(), counts)).collect())
}
