//! Table `worker_processes`: the processes of the worker and when each last reported.

use chrono::{DateTime, Utc};
use keyward_core::{Result, infra::postgres::Pool};
use sqlx::PgConnection;
use uuid::Uuid;

/// A process of the worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerProcess {
    /// The name of its host.
    pub host: String,
    /// Its process id there.
    pub pid: i64,
    /// Its version of Keyward.
    pub version: String,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When it reported last.
    pub seen_at: DateTime<Utc>,
    /// Whether that was within the last 15 seconds.
    pub is_alive: bool,
}

/// Up to a hundred processes that reported within the last hour and did not stop, the latest first.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable.
pub async fn list(sql: &mut PgConnection) -> Result<Vec<WorkerProcess>> {
    Ok(sqlx::query_as!(
        WorkerProcess,
        r#"select host, pid, version, started_at, seen_at,
                  seen_at > now() - interval '15 seconds' as "is_alive!"
           from worker_processes where seen_at > now() - interval '1 hour'
           order by started_at desc, process_id desc limit 100"#,
    )
    .fetch_all(sql)
    .await?)
}

/// Reports that a process is alive. Deletes those that last reported a day ago.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable.
pub async fn report(pool: &Pool, id: Uuid, host: &str, pid: u32, version: &str) -> Result<()> {
    sqlx::query!(
        "with gone as (delete from worker_processes where seen_at < now() - interval '1 day')
         insert into worker_processes (process_id, host, pid, version, started_at, seen_at)
         values ($1, $2, $3, $4, now(), now())
         on conflict (process_id) do update set seen_at = now()",
        id,
        host,
        i64::from(pid),
        version,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Deletes a process that stops.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable.
pub async fn remove(pool: &Pool, id: Uuid) -> Result<()> {
    sqlx::query!("delete from worker_processes where process_id = $1", id).execute(pool).await?;
    Ok(())
}
