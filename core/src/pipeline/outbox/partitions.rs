//! The partitions of the outbox: one for each day (UTC) of the ids of its events.
//!
//! Old events disappear with their partition, which costs the same however many there are. DDL waits
//! for no lock longer than a fifth of a second: while it waits, every command does.

use chrono::{DateTime, Days, NaiveDate, Utc};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;

use crate::{Result, domain::EventId};

/// Partitions that exist before their day.
const DAYS_AHEAD: u64 = 2;
/// Longest time a change of partitions waits for its lock.
const LOCK_TIMEOUT: &str = "set local lock_timeout = '200ms'";
/// Longest time a change of partitions takes. A new partition costs a scan of the default partition.
const STATEMENT_TIMEOUT: &str = "set local statement_timeout = '2s'";

/// A day and the bounds of its ids.
struct Partition {
    name: String,
    from: Uuid,
    to: Uuid,
}

impl Partition {
    fn of(day: NaiveDate) -> Self {
        let bound =
            |day: NaiveDate| EventId::first_at(day.and_time(chrono::NaiveTime::MIN).and_utc());
        let name = day.format("outbox_%Y%m%d").to_string();
        Self { name, from: bound(day).0, to: bound(day + Days::new(1)).0 }
    }
}

/// Creates the partitions of today and the next days. One that the default partition has events of is
/// left out: they stay there.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable, or a lock is not free.
pub async fn create(sql: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    let known = days(sql).await?;
    let ahead = (0..=DAYS_AHEAD).map(|days| now.date_naive() + Days::new(days));
    for day in ahead.filter(|day| !known.contains(day)) {
        let Partition { name, from, to } = Partition::of(day);
        let is_taken = sqlx::query_scalar!(
            // Ordered, so that the index answers it.
            r#"select (select true from outbox_default where event_id >= $1 and event_id < $2
                       order by event_id limit 1) is not null as "is_taken!""#,
            from,
            to,
        );
        if is_taken.fetch_one(&mut *sql).await? {
            continue;
        }
        let mut tx = sql.begin().await?;
        let create = format!(
            "{LOCK_TIMEOUT}; {STATEMENT_TIMEOUT};
             create table {name} partition of outbox for values from ('{from}') to ('{to}')"
        );
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Drops the partitions of days that ended before `before` and whose events all had their effect, and
/// records the last event of each, so that a reader of the event log who is behind gets an error.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable, or a lock is not free.
pub async fn drop_before(sql: &mut PgConnection, before: DateTime<Utc>) -> Result<()> {
    let last = before.date_naive() - Days::new(1);
    for day in days(sql).await?.into_iter().filter(|day| *day <= last) {
        let Partition { name, from, to } = Partition::of(day);
        let mut tx = sql.begin().await?;
        // No event joins the partition from here on.
        let lock = format!(
            "{LOCK_TIMEOUT}; {STATEMENT_TIMEOUT};
             lock table only outbox, {name} in access exclusive mode"
        );
        sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut *tx).await?;
        let is_pending = sqlx::query_scalar!(
            // Ordered, so that the index answers it.
            r#"select (select true from outbox_pending where event_id >= $1 and event_id < $2
                       order by event_id limit 1) is not null as "is_pending!""#,
            from,
            to,
        );
        if is_pending.fetch_one(&mut *tx).await? {
            tx.rollback().await?;
            continue;
        }
        let drop = format!(
            "insert into outbox_pruned as last (transaction, position)
             select transaction, position from {name}
             order by transaction desc, position desc limit 1
             on conflict (is_the_row) do update
             set transaction = excluded.transaction, position = excluded.position
             where (last.transaction, last.position) < (excluded.transaction, excluded.position)
                   -- Of a database that this one was restored from.
                   or last.transaction >= pg_snapshot_xmax(pg_current_snapshot());
             drop table {name}"
        );
        sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Deletes up to `limit` events that occurred before `before` and had their effect from the default
/// partition, which has few. Returns their number.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn prune_default(
    sql: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64> {
    let removed = sqlx::query_scalar!(
        r#"with oldest as (
               select event_id, occurred_at from outbox_default
               order by transaction, position limit $2
           ), gone as (
               delete from outbox_default
               where event_id = any(array(select event_id from oldest where occurred_at < $1))
                     and (select true from outbox_pending as pending
                          where pending.event_id = outbox_default.event_id) is null
               returning transaction, position
           ), mark as (
               insert into outbox_pruned as last (transaction, position)
               select transaction, position from gone
               order by transaction desc, position desc limit 1
               on conflict (is_the_row) do update
               set transaction = excluded.transaction, position = excluded.position
               where (last.transaction, last.position) < (excluded.transaction, excluded.position)
                     or last.transaction >= pg_snapshot_xmax(pg_current_snapshot())
           )
           select count(*) as "count!" from gone"#,
        before,
        limit,
    )
    .fetch_one(sql)
    .await?;
    Ok(removed.unsigned_abs())
}

/// The days that have a partition.
async fn days(sql: &mut PgConnection) -> Result<Vec<NaiveDate>> {
    let names = sqlx::query_scalar!(
        r#"select relname::text as "name!" from pg_inherits join pg_class on oid = inhrelid
           where inhparent = 'outbox'::regclass order by relname"#
    )
    .fetch_all(sql)
    .await?;
    let day = |name: &String| NaiveDate::parse_from_str(name, "outbox_%Y%m%d").ok();
    Ok(names.iter().filter_map(day).collect())
}
