//! How many jobs are in which state. Counted from the partial indexes: jobs that are done cost
//! nothing, however many there are.

use std::collections::HashMap;

use sqlx::PgConnection;

use super::states::{dead, open, running};

/// Jobs of one queue that are not done.
#[derive(Debug, Clone, Default, PartialEq, sqlx::FromRow)]
pub struct JobCounts {
    queue: String,
    /// Jobs whose time has come.
    pub waiting: i64,
    /// Jobs whose next attempt is due later.
    pub scheduled: i64,
    /// Jobs in a worker's hands.
    pub running: i64,
    /// Jobs that were given up and nobody has decided about.
    pub dead: i64,
    /// For how many seconds the oldest waiting job has been due.
    pub oldest_waiting_s: Option<f64>,
    /// In how many seconds the next scheduled one is due.
    pub next_scheduled_s: Option<f64>,
    /// For how many seconds the longest attempt has been going on.
    pub longest_running_s: Option<f64>,
    /// Loops that fetch from the queue, over all processes, which were heard of within 15 seconds.
    pub fetchers: i64,
}

/// Counts them; a queue that has none of these jobs is not there.
pub(crate) async fn count(sql: &mut PgConnection) -> sqlx::Result<HashMap<String, JobCounts>> {
    let counts: Vec<JobCounts> = sqlx::query_as(concat!(
        "select queue, sum(waiting)::bigint as waiting, sum(scheduled)::bigint as scheduled,
                sum(running)::bigint as running, sum(dead)::bigint as dead,
                extract(epoch from now() - min(oldest))::float8 as oldest_waiting_s,
                extract(epoch from min(next) - now())::float8 as next_scheduled_s,
                extract(epoch from now() - min(longest))::float8 as longest_running_s,
                sum(fetchers)::bigint as fetchers
         from (
             select job_type as queue, count(*) filter (where run_at <= now()) as waiting,
                    count(*) filter (where run_at > now()) as scheduled, 0 as running, 0 as dead,
                    min(run_at) filter (where run_at <= now()) as oldest,
                    min(run_at) filter (where run_at > now()) as next,
                    null::timestamptz as longest, 0 as fetchers
             from apalis.jobs where ",
        open!(),
        " group by job_type
             union all
             select job_type, 0, 0, count(*), 0, null, null, min(lock_at), 0
             from apalis.jobs where ",
        running!(),
        " group by job_type
             union all
             select job_type, 0, 0, 0, count(*), null, null, null, 0
             from apalis.jobs where ",
        dead!(),
        " group by job_type
             union all
             select worker_type, 0, 0, 0, 0, null, null, null, count(*)
             from apalis.workers where last_seen > now() - interval '15 seconds'
             group by worker_type
         ) as part group by queue",
    ))
    .fetch_all(sql)
    .await?;
    Ok(counts.into_iter().map(|counts| (counts.queue.clone(), counts)).collect())
}
