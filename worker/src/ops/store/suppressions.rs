//! Table `suppressions`, for operators.

use chrono::{DateTime, Utc};
use keyward_core::{Result, domain::MailId};
use sqlx::PgConnection;
use uuid::Uuid;

/// A mailbox that gets no email. Its address is not stored.
#[derive(Debug, Clone)]
pub struct Suppression {
    /// The email that was reported.
    pub mail_id: MailId,
    /// `bounced` or `complained`.
    pub reason: String,
    /// Since when.
    pub suppressed_at: DateTime<Utc>,
    /// The account that had the address, if one had it.
    pub user_id: Option<Uuid>,
    /// The kind of the email, while the ledger has it.
    pub kind: Option<String>,
    /// What the receiver said, while the ledger has it.
    pub reply: Option<String>,
}

/// Up to `limit` suppressions, those of the latest emails first, from before an email on.
///
/// # Errors
///
/// [`keyward_core::Error::Unavailable`] if Postgres is unreachable.
pub async fn list(
    sql: &mut PgConnection,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Suppression>> {
    let found = sqlx::query_as!(
        Suppression,
        r#"select suppressions.mail_id as "mail_id: MailId", reason, suppressed_at,
                  suppressions.user_id, kind as "kind?", reply
           from suppressions left join mails on mails.mail_id = suppressions.mail_id
           where suppressions.mail_id < $1
           order by suppressions.mail_id desc limit $2"#,
        before.unwrap_or(Uuid::max()),
        limit,
    );
    Ok(found.fetch_all(sql).await?)
}
