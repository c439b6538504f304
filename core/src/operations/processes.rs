//! Table `worker_processes`: who works, and when each was last seen.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::Result;

/// A process of the worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// The machine.
    pub host: String,
    /// Its number there.
    pub pid: i64,
    /// The version of Keyward.
    pub version: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it was last heard of.
    pub seen_at: DateTime<Utc>,
    /// Whether that was within 15 seconds.
    pub is_alive: bool,
}

/// Those that were seen within the last hour and did not end by themselves, the latest first; a
/// hundred at most.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
pub async fn list(sql: &mut PgConnection) -> Result<Vec<Process>> {
    Ok(sqlx::query_as!(
        Process,
        r#"select host, pid, version, started_at, seen_at,
                  seen_at > now() - interval '15 seconds' as "is_alive!"
           from worker_processes where seen_at > now() - interval '1 hour'
           order by started_at desc, process_id desc limit 100"#,
    )
    .fetch_all(sql)
    .await?)
}

/// Notes that a process lives, and forgets those that were last seen a day ago.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
pub async fn is_seen(pool: &PgPool, id: Uuid, host: &str, pid: u32, version: &str) -> Result<()> {
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

/// Forgets a process that ends.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
pub async fn ends(pool: &PgPool, id: Uuid) -> Result<()> {
    sqlx::query!("delete from worker_processes where process_id = $1", id).execute(pool).await?;
    Ok(())
}
