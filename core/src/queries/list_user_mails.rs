//! The emails to an account.

use serde::Deserialize;

use super::{get_user, prelude::*};
use crate::domain::{MailId, UserId};

/// Lists the emails to an account, newest first, for administrators. Never a body or a link.
///
/// Refused with [`UserNotFound`](crate::Refusal::UserNotFound).
pub struct ListUserMails {
    /// The administrator.
    pub by: Administrator,
    /// The account.
    pub user_id: UserId,
    /// The part to read.
    pub page: Keyset<MailId>,
}

/// An email in the ledger.
#[derive(Debug, Clone, Deserialize)]
pub struct MailView {
    /// The email.
    #[serde(rename = "mail_id")]
    pub id: MailId,
    /// The kind of email: a word of [`MailKind`](crate::domain::MailKind), or of a later release.
    pub kind: String,
    /// The state of its delivery.
    pub state: String,
    /// Attempts since the email was last planned.
    pub attempts: i32,
    /// The last reply of the SMTP relay, or the reason of a bounce or a complaint.
    pub reply: Option<String>,
    /// When the next attempt starts, at the latest.
    pub next_try_at: Option<DateTime<Utc>>,
    /// When the email was requested.
    pub asked_at: DateTime<Utc>,
    /// When a bounce or a complaint was recorded.
    pub reported_at: Option<DateTime<Utc>>,
    /// Whether its recipient gets no email at present.
    pub is_suppressed: bool,
}

impl Query for ListUserMails {
    type View = Vec<MailView>;
    const NAME: &'static str = "list_user_mails";

    async fn handle(self, app: &App) -> Result<Vec<MailView>> {
        let mut sql = app.read_as(self.by).await?;
        get_user::read(&mut *sql, self.user_id).await?;
        Ok(sqlx::query_as!(
            MailView,
            r#"select mail_id as "id: MailId", kind, state, attempts, reply, next_try_at,
                      asked_at, reported_at,
                      exists (select from suppressions
                              where suppressions.mailbox = mails.mailbox) as "is_suppressed!"
               from mails where user_id = $1 and ($2::uuid is null or mail_id < $2)
               order by mail_id desc limit $3"#,
            self.user_id.0,
            self.page.after.map(|id| id.0),
            self.page.limit,
        )
        .fetch_all(&mut *sql)
        .await?)
    }
}
