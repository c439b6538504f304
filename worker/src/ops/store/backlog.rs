//! What waits outside the queues. Partial indexes answer it, so finished work costs nothing.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use keyward_core::Result;
use sqlx::PgConnection;

/// What waits outside the queues.
#[derive(Debug, Clone, PartialEq)]
pub struct Backlog {
    /// When it was counted, by the clock of Postgres.
    pub now: DateTime<Utc>,
    /// Events that are not published yet.
    pub unpublished: i64,
    /// Seconds since the oldest of them happened.
    pub oldest_unpublished_s: Option<f64>,
    /// Since when NATS answers but does not write the stream.
    pub unwritable_since: Option<DateTime<Utc>>,
    /// Events that wait for a release that can read them.
    pub parked: i64,
    /// Unreadable messages.
    pub dead_letters: i64,
    /// Emails by state: `planned`, `sending`, `deferred`, `failed`, `expired`, `bounced`,
    /// `complained`. Accepted emails are not
    /// counted, because their number only grows.
    pub mails: BTreeMap<String, i64>,
}

/// Counts it. `stream` is the name of the stream.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable.
pub async fn count(sql: &mut PgConnection, stream: &str) -> Result<Backlog> {
    let row = sqlx::query!(
        r#"with known as (select generation, unwritable_since from streams where name = $1),
                unpublished as (select event_id, position from outbox_pending
                                where generation < coalesce((select generation from known), 1))
           select now() as "now!", (select count(*) from unpublished) as "unpublished!",
                  (select extract(epoch from now() - occurred_at)::float8 from outbox
                   where event_id = (select event_id from unpublished order by position limit 1))
                      as oldest_s,
                  (select unwritable_since from known) as unwritable_since,
                  (select count(*) from outbox_pending where parked_by is not null) as "parked!",
                  (select count(*) from dead_letters) as "dead_letters!""#,
        stream,
    )
    .fetch_one(&mut *sql)
    .await?;
    let counts = sqlx::query!(
        r#"select state as "state!", count(*) as "count!" from mails
           where state in ('planned', 'sending', 'deferred') group by state
           union all
           select state, count(*) from mails
           where state in ('failed', 'expired', 'bounced', 'complained') group by state"#,
    )
    .fetch_all(sql)
    .await?;
    let states = ["planned", "sending", "deferred", "failed", "expired", "bounced", "complained"];
    let mut mails: BTreeMap<_, _> = states.into_iter().map(|state| (state.to_owned(), 0)).collect();
    mails.extend(counts.into_iter().map(|row| (row.state, row.count)));
    Ok(Backlog {
        now: row.now,
        unpublished: row.unpublished,
        oldest_unpublished_s: row.oldest_s.map(|age: f64| age.max(0.0)),
        unwritable_since: row.unwritable_since,
        parked: row.parked,
        dead_letters: row.dead_letters,
        mails,
    })
}
