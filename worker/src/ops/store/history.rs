//! The history of an event: the request that caused it, and how far it has come.
//! Contains ids and words of closed sets; of an email what the ledger says, never an address, a body
//! or a link.

use std::time::Duration;

use chrono::{DateTime, Utc};
use keyward_core::{
    Result,
    domain::{EventId, MailId, UserId},
};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::{Timestamp, Uuid};

/// The history of an event.
#[derive(Debug, Clone)]
pub struct EventHistory {
    /// Its identity.
    pub event_id: EventId,
    /// Its type on the wire.
    pub subject: String,
    /// Its members: ids and words of closed sets.
    pub data: Value,
    /// The request that caused it.
    pub request_id: String,
    /// The trace that it belongs to, 32 hexadecimal digits.
    pub trace_id: String,
    /// When its transaction started.
    pub occurred_at: DateTime<Utc>,
    /// Whether it was published to the stream.
    pub is_published: bool,
    /// Whether its jobs were inserted.
    pub is_received: bool,
    /// Why it is parked, if it is.
    pub parked_because: Option<String>,
    /// Its webhook deliveries.
    pub deliveries: Vec<Uuid>,
}

/// An email in the ledger.
#[derive(Debug, Clone)]
pub struct LedgerEmail {
    /// Its identity; also the left part of its `Message-ID`.
    pub mail_id: MailId,
    /// Its kind.
    pub kind: String,
    /// Its state.
    pub state: String,
    /// Attempts to send it.
    pub attempts: i32,
    /// The last reply of the relay.
    pub reply: Option<String>,
    /// The latest time of its next attempt.
    pub next_try_at: Option<DateTime<Utc>>,
    /// When it was requested.
    pub asked_at: DateTime<Utc>,
    /// When its row changed last.
    pub updated_at: DateTime<Utc>,
}

/// What events are looked up by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookupKey {
    /// The identity of the event.
    Event(EventId),
    /// The request that caused it.
    Request(String),
    /// The trace that it belongs to, 32 hexadecimal digits, and how many of the latest events are
    /// searched. There is no index of traces: it would make writing an event a fifth slower.
    Trace(String, i64),
    /// Its account.
    User(UserId),
    /// An email that it planned.
    Mail(MailId),
}

/// Finds up to `limit` events, the latest first.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable.
pub async fn find(
    sql: &mut PgConnection,
    key: &LookupKey,
    limit: i64,
) -> Result<Vec<EventHistory>> {
    let ids = find_ids(sql, key, limit).await?;
    Ok(sqlx::query_as!(
        EventHistory,
        r#"select event_id as "event_id: EventId", subject, envelope -> 'data' as "data!: Value",
                  coalesce(envelope -> 'trace' ->> 'request_id', '') as "request_id!",
                  coalesce(split_part(envelope -> 'trace' ->> 'traceparent', '-', 2), '')
                      as "trace_id!",
                  occurred_at, pending.position is null as "is_received!",
                  coalesce(generation > 0, true) as "is_published!", parked_because,
                  array(select delivery_id from webhooks join webhook_deliveries using (webhook_id)
                        where webhook_deliveries.event_id = outbox.event_id) as "deliveries!"
           from outbox left join outbox_pending as pending using (event_id)
           where event_id = any($1) order by outbox.position desc"#,
        &ids,
    )
    .fetch_all(sql)
    .await?)
}

async fn find_ids(sql: &mut PgConnection, key: &LookupKey, limit: i64) -> Result<Vec<Uuid>> {
    let ids = match key {
        LookupKey::Event(id) => return Ok(vec![id.0]),
        LookupKey::Mail(id) => return find_planning_event(sql, *id).await,
        LookupKey::Request(id) => {
            let found = sqlx::query_scalar!(
                "select event_id from outbox where (envelope -> 'trace' ->> 'request_id') = $1
                 order by position desc limit $2",
                id,
                limit,
            );
            found.fetch_all(sql).await
        }
        LookupKey::Trace(id, among) => {
            let found = sqlx::query_scalar!(
                "select event_id
                     from (select event_id, position, envelope from outbox
                           order by position desc limit $3) as latest
                     where position($1 in envelope::text) > 0
                           and split_part(envelope -> 'trace' ->> 'traceparent', '-', 2) = $1
                     order by latest.position desc limit $2",
                id,
                limit,
                among,
            );
            found.fetch_all(sql).await
        }
        LookupKey::User(id) => {
            let found = sqlx::query_scalar!(
                "select event_id from outbox where user_id = $1 order by position desc limit $2",
                id.0,
                limit,
            );
            found.fetch_all(sql).await
        }
    };
    Ok(ids?)
}

/// A command plans its email and then emits its event, so the id of the event follows the id of the
/// email closely. The primary key finds the few events in this range; no index of emails is needed.
async fn find_planning_event(sql: &mut PgConnection, mail: MailId) -> Result<Vec<Uuid>> {
    /// Longest time of a command.
    const COMMAND: Duration = Duration::from_secs(15);
    let Some(made_at) = mail.0.get_timestamp() else { return Ok(Vec::new()) };
    let (seconds, nanoseconds) = made_at.to_unix();
    let end = Timestamp::from_unix_time(seconds + COMMAND.as_secs(), nanoseconds, 0, 0);
    Ok(sqlx::query_scalar!(
        "select event_id from outbox
         where event_id > $1 and event_id < $2 and position($1::uuid::text in envelope::text) > 0
         order by event_id limit 1",
        mail.0,
        Uuid::new_v7(end),
    )
    .fetch_all(sql)
    .await?)
}

/// These emails and up to `limit` emails to an account, the latest first.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable.
pub async fn emails(
    sql: &mut PgConnection,
    ids: &[MailId],
    to: Option<UserId>,
    limit: i64,
) -> Result<Vec<LedgerEmail>> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    Ok(sqlx::query_as!(
        LedgerEmail,
        r#"select mail_id as "mail_id: MailId", kind, state, attempts, reply, next_try_at, asked_at,
                  updated_at
           from mails
           where mail_id in (select unnest($1::uuid[])
                             -- First all emails of the account by their index, then the latest.
                             union (select mail_id
                                    from (select mail_id from mails where user_id = $2 offset 0) as own
                                    order by mail_id desc limit $3))
           order by mail_id desc"#,
        &ids,
        to.map(|id| id.0),
        limit,
    )
    .fetch_all(sql)
    .await?)
}

impl EventHistory {
    /// The emails that it planned.
    #[must_use]
    pub fn emails(&self) -> Vec<MailId> {
        let list = self.data["mail_ids"].as_array().into_iter().flatten();
        let named = [&self.data["mail_id"], &self.data["notice_id"]].into_iter().chain(list);
        named.filter_map(|id| id.as_str()?.parse().ok().map(MailId)).collect()
    }

    /// Its members in text, one for each element of a list.
    pub(crate) fn members(&self) -> Vec<(String, String)> {
        let mut members = Vec::new();
        for (name, value) in self.data.as_object().into_iter().flatten() {
            let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            members.extend(values.iter().filter(|value| !value.is_null()).map(|value| {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                (name.replace('_', " "), text)
            }));
        }
        members
    }
}

impl LedgerEmail {
    /// Whether it was not delivered and is not retried.
    pub(crate) fn has_failed(&self) -> bool {
        matches!(self.state.as_str(), "failed" | "expired" | "bounced" | "complained")
    }

    /// What its state means.
    pub(crate) fn outcome(&self) -> &'static str {
        match self.state.as_str() {
            "planned" => "planned, not tried yet",
            "sending" => "being sent",
            "accepted" => "accepted by the relay",
            "deferred" => "deferred by the relay, will be retried",
            "failed" => "failed, not retried",
            "expired" => "expired, not retried",
            "suppressed" => "suppressed, not sent",
            "bounced" => "accepted by the relay, then bounced",
            "complained" => "reported as unwanted by its recipient",
            _ => "unknown",
        }
    }
}
