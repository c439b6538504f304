//! Table `idempotency_records`: what the commands of requests with an idempotency key resulted in.
//!
//! A record belongs to the partition of its day, and every partition is used again four days later, so
//! records disappear without a scan and without a change of the schema. Two transactions that commit the
//! same key around midnight must meet in one partition: within a minute of it, a record is in both.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::{Refusal, Result, domain::Claim};

/// How long a request can be repeated.
const LIFE: TimeDelta = TimeDelta::hours(24);
/// Longer than a command takes, and than clocks differ.
const TOLERANCE: TimeDelta = TimeDelta::minutes(1);
/// Partitions: those of yesterday, today and tomorrow, and one that is empty or can be emptied.
const DAYS: i64 = 4;

/// The result of a command, and the hash of the request that it answered.
pub(super) struct Record {
    request: Vec<u8>,
    output: String,
}

impl Record {
    /// The result, as JSON, for a repetition of the request.
    ///
    /// # Errors
    ///
    /// [`Refusal::IdempotencyKeyReused`] for any other request.
    pub(super) fn output_for(self, claim: &Claim) -> Result<String> {
        let is_same = self.request == claim.request;
        if is_same { Ok(self.output) } else { Err(Refusal::IdempotencyKeyReused.into()) }
    }
}

fn day(at: DateTime<Utc>) -> i16 {
    i16::try_from(at.timestamp().div_euclid(86_400).rem_euclid(DAYS)).unwrap_or_default()
}

/// The partitions of two times.
fn days(from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<i16> {
    let mut days = vec![day(from), day(to)];
    days.dedup();
    days
}

/// Finds the record of a key.
pub(super) async fn find(
    sql: &mut PgConnection,
    claim: &Claim,
    now: DateTime<Utc>,
) -> Result<Option<Record>> {
    let since = now - LIFE;
    let record = sqlx::query_as!(
        Record,
        r#"select request, output::text as "output!" from idempotency_records
           where key = $1 and day = any($2) and created_at > $3
           order by created_at desc limit 1"#,
        &claim.key,
        &days(since, now),
        since,
    );
    Ok(record.fetch_optional(sql).await?)
}

/// Inserts the record of a key. Waits for another transaction that inserts it. Returns whether it is the
/// only one: otherwise the transaction must not be committed.
pub(super) async fn insert(
    sql: &mut PgConnection,
    claim: &Claim,
    output: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let days = days(now - TOLERANCE, now + TOLERANCE);
    let inserted = sqlx::query!(
        "insert into idempotency_records as known (key, day, request, output, created_at)
         select $1, day, $3, $4::text::json, $5 from unnest($2::smallint[]) as day
         on conflict (key, day) do update
         set request = excluded.request, output = excluded.output, created_at = excluded.created_at
         where known.created_at <= $6",
        &claim.key,
        &days,
        &claim.request,
        output,
        now,
        now - LIFE,
    );
    Ok(inserted.execute(sql).await?.rows_affected() == days.len() as u64)
}

/// Removes the records that no request can find again.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable, or a lock is not free.
pub(super) async fn remove_expired(sql: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    // Neither a lookup nor an insertion uses this partition today.
    let unused = day(now + TimeDelta::days(2));
    let is_used = sqlx::query_scalar!(
        r#"select (select true from idempotency_records where day = $1 limit 1) is not null as "is_used!""#,
        unused,
    );
    if is_used.fetch_one(&mut *sql).await? {
        let mut tx = sql.begin().await?;
        let truncate =
            format!("set local lock_timeout = '200ms'; truncate idempotency_records_{unused}");
        sqlx::raw_sql(AssertSqlSafe(truncate)).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_secs(second).unwrap()
    }

    proptest! {
        #[test]
        fn concurrent_insertions_meet_in_a_partition(second in 0..4_000_000_000_i64, later in 0..60_i64) {
            let around = |second| days(at(second) - TOLERANCE, at(second) + TOLERANCE);
            let (first, second) = (around(second), around(second + later));
            prop_assert!(first.iter().any(|day| second.contains(day)), "{first:?} {second:?}");
        }

        #[test]
        fn a_record_is_found_for_24_hours_and_not_removed(
            second in 0..4_000_000_000_i64,
            later in 0..86_400_i64,
        ) {
            let (written, now) = (at(second), at(second + later));
            let written = days(written - TOLERANCE, written + TOLERANCE);
            let read = days(now - LIFE, now);
            prop_assert!(read.iter().any(|day| written.contains(day)));
            prop_assert!(!read.contains(&day(now + TimeDelta::days(2))));
        }
    }
}
