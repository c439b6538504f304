//! The story of an event: the request that set it off, and where it has come to since. Ids and words
//! of closed sets; of mails what the ledger says, never an address, a body or a link.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::{Timestamp, Uuid};

use crate::{
    Result,
    domain::{EventId, MailId, UserId},
    origin::Trace,
};

/// An event, and where it has come to.
#[derive(Debug, Clone)]
pub struct Story {
    /// Its identity.
    pub event_id: EventId,
    /// What it is called on the wire.
    pub subject: String,
    /// The account it happened to.
    pub user_id: Option<UserId>,
    /// Its members: ids and words of closed sets.
    pub data: Value,
    /// The request that set it off.
    pub trace: Trace,
    /// When the transaction that made it true began.
    pub occurred_at: DateTime<Utc>,
    /// When the stream acknowledged it.
    pub published_at: Option<DateTime<Utc>>,
    /// Its place in the stream.
    pub stream_sequence: Option<i64>,
    /// When its jobs were made.
    pub received_at: Option<DateTime<Utc>>,
    /// Why it could not be read, if it could not.
    pub dead_letter: Option<String>,
    /// Its deliveries to webhooks.
    pub deliveries: Vec<Uuid>,
}

/// What the ledger says of a mail.
#[derive(Debug, Clone)]
pub struct StoryMail {
    /// Its identity; also the left part of its `Message-ID`.
    pub mail_id: MailId,
    /// What it says.
    pub kind: String,
    /// Whose account it is about, if there is one.
    pub user_id: Option<UserId>,
    /// What became of it.
    pub state: String,
    /// How often it was tried.
    pub attempts: i32,
    /// What the relay said last.
    pub reply: Option<String>,
    /// When it is tried again, at the latest.
    pub next_try_at: Option<DateTime<Utc>>,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// When any of it changed last.
    pub updated_at: DateTime<Utc>,
}

/// How an event is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Needle {
    /// By its identity.
    Event(EventId),
    /// By the request that set it off.
    Request(String),
    /// By the trace that it belongs to, 32 hexadecimal digits, among so many of the latest events. No
    /// index knows traces: it would cost each event a fifth of what writing it costs.
    Trace(String, i64),
    /// By the account it happened to.
    User(UserId),
    /// By a mail that it planned.
    Mail(MailId),
}

/// Up to `limit` events, the latest first.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
pub async fn find(sql: &mut PgConnection, needle: &Needle, limit: i64) -> Result<Vec<Story>> {
    let ids =
        match needle {
            Needle::Event(id) => vec![id.0],
            Needle::Request(id) => {
                sqlx::query_scalar!(
                    "select event_id from outbox where (envelope -> 'trace' ->> 'request_id') = $1
                 order by position desc limit $2",
                    id,
                    limit,
                )
                .fetch_all(&mut *sql)
                .await?
            }
            Needle::Trace(id, among) => {
                sqlx::query_scalar!(
                    "select event_id
                     from (select event_id, position, envelope from outbox
                           order by position desc limit $3) as latest
                     where position($1 in envelope::text) > 0
                           and split_part(envelope -> 'trace' ->> 'traceparent', '-', 2) = $1
                     order by latest.position desc limit $2",
                    id,
                    limit,
                    among,
                )
                .fetch_all(&mut *sql)
                .await?
            }
            Needle::User(id) => sqlx::query_scalar!(
                "select event_id from outbox where user_id = $1 order by position desc limit $2",
                id.0,
                limit,
            )
            .fetch_all(&mut *sql)
            .await?,
            Needle::Mail(id) => planned(&mut *sql, *id).await?,
        };
    let rows = sqlx::query!(
        r#"select event_id, subject, user_id, envelope -> 'data' as "data!: Value",
                  coalesce(envelope -> 'trace' ->> 'request_id', '') as "request_id!",
                  coalesce(envelope -> 'trace' ->> 'traceparent', '') as "traceparent!",
                  occurred_at, published_at, stream_sequence,
                  (select received_at from inbox where inbox.event_id = outbox.event_id),
                  (select reason from dead_letters
                   where dead_letters.event_id = outbox.event_id) as dead_letter,
                  array(select delivery_id from webhooks join webhook_deliveries using (webhook_id)
                        where webhook_deliveries.event_id = outbox.event_id) as "deliveries!"
           from outbox where event_id = any($1) order by position desc"#,
        &ids,
    )
    .fetch_all(sql)
    .await?;
    let stories = rows.into_iter().map(|row| Story {
        event_id: EventId(row.event_id),
        subject: row.subject,
        user_id: row.user_id.map(UserId),
        data: row.data,
        trace: Trace { request_id: row.request_id, traceparent: row.traceparent },
        occurred_at: row.occurred_at,
        published_at: row.published_at,
        stream_sequence: row.stream_sequence,
        received_at: row.received_at,
        dead_letter: row.dead_letter,
        deliveries: row.deliveries,
    });
    Ok(stories.collect())
}

/// A command plans its mail and then announces its event: the ids of both are of one moment, and in
/// this order. So the events that may have planned a mail lie beside each other in an index, and
/// there needs to be no index of mails in events.
async fn planned(sql: &mut PgConnection, mail: MailId) -> Result<Vec<Uuid>> {
    /// No command takes longer.
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

/// What the ledger says of these mails, and of up to `limit` mails to an account; the latest first.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if the database is away.
pub async fn mails(
    sql: &mut PgConnection,
    ids: &[MailId],
    to: Option<UserId>,
    limit: i64,
) -> Result<Vec<StoryMail>> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "select mail_id, kind, user_id, state, attempts, reply, next_try_at, asked_at, updated_at
         from mails
         where mail_id in (select unnest($1::uuid[])
                           -- First all of the account's, by their index, then the latest.
                           union (select mail_id
                                  from (select mail_id from mails where user_id = $2 offset 0) as own
                                  order by mail_id desc limit $3))
         order by mail_id desc",
        &ids,
        to.map(|id| id.0),
        limit,
    )
    .fetch_all(sql)
    .await?;
    let mails = rows.into_iter().map(|row| StoryMail {
        mail_id: MailId(row.mail_id),
        kind: row.kind,
        user_id: row.user_id.map(UserId),
        state: row.state,
        attempts: row.attempts,
        reply: row.reply,
        next_try_at: row.next_try_at,
        asked_at: row.asked_at,
        updated_at: row.updated_at,
    });
    Ok(mails.collect())
}

impl Story {
    /// The mails that it planned.
    #[must_use]
    pub fn mails(&self) -> Vec<MailId> {
        let list = self.data["mail_ids"].as_array().into_iter().flatten();
        let named = [&self.data["mail_id"], &self.data["notice_id"]].into_iter().chain(list);
        named.filter_map(|id| id.as_str()?.parse().ok().map(MailId)).collect()
    }
}
