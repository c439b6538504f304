//! Table `queue_minutes`: what the attempts of each minute came to.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

use crate::Result;

/// What the attempts of a queue came to, in a minute or since they were last written down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Jobs that were done.
    pub done: i64,
    /// Attempts after which the job waits for another one.
    pub failed: i64,
    /// Attempts after which the job was given up.
    pub dead: i64,
    /// How many took how long, by class.
    pub run_times: Vec<i64>,
    /// How long it took from the event until its job was done, by class.
    pub latencies: Vec<i64>,
}

/// A minute of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueMinute {
    /// The queue.
    pub queue: String,
    /// 0 for the minute that runs.
    pub minutes_ago: i32,
    /// What happened in it.
    pub attempts: Attempts,
}

/// Adds attempts to the minute that runs.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away: then they are not counted yet.
pub async fn add(pool: &PgPool, queue: &str, attempts: &Attempts) -> Result<()> {
    sqlx::query!(
        "insert into queue_minutes as known
             (queue, minute, done, failed, dead, run_times, latencies)
         values ($1, date_trunc('minute', now()), $2, $3, $4, $5, $6)
         on conflict (queue, minute) do update
         set done = known.done + excluded.done, failed = known.failed + excluded.failed,
             dead = known.dead + excluded.dead,
             run_times = array(
                 select coalesce(a, 0) + coalesce(b, 0)
                 from unnest(known.run_times, excluded.run_times)
                      with ordinality as class (a, b, nth) order by nth),
             latencies = array(
                 select coalesce(a, 0) + coalesce(b, 0)
                 from unnest(known.latencies, excluded.latencies)
                      with ordinality as class (a, b, nth) order by nth)",
        queue,
        attempts.done,
        attempts.failed,
        attempts.dead,
        &attempts.run_times,
        &attempts.latencies,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// The last sixty minutes of all queues, in no order; those without attempts are not there.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
pub async fn of_last_hour(sql: &mut PgConnection) -> Result<Vec<QueueMinute>> {
    let rows = sqlx::query!(
        r#"select queue,
                  (extract(epoch from date_trunc('minute', now()) - minute) / 60)::int
                      as "minutes_ago!",
                  done, failed, dead, run_times, latencies
           from queue_minutes where minute > date_trunc('minute', now()) - interval '60 minutes'"#,
    )
    .fetch_all(sql)
    .await?;
    let minutes = rows.into_iter().map(|row| QueueMinute {
        queue: row.queue,
        minutes_ago: row.minutes_ago,
        attempts: Attempts {
            done: row.done,
            failed: row.failed,
            dead: row.dead,
            run_times: row.run_times,
            latencies: row.latencies,
        },
    });
    Ok(minutes.collect())
}

/// Removes what was before.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
pub async fn prune(sql: &mut PgConnection, before: DateTime<Utc>) -> Result<()> {
    sqlx::query!("delete from queue_minutes where minute < $1", before).execute(sql).await?;
    Ok(())
}
