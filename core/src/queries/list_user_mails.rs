//! What became of the mails to an account.

use chrono::{DateTime, Utc};

use crate::{
    App, Query, Result,
    administrator::Administrator,
    domain::{MailId, MailKind, UserId},
    queries::get_user,
};

/// The ledger of mails to an account, the latest first, for administrators. Never a body or a link.
///
/// Refused with [`UserNotFound`](crate::Refusal::UserNotFound).
#[derive(Debug)]
pub struct ListUserMails {
    /// Who asks.
    pub by: Administrator,
    /// Whose mails.
    pub user_id: UserId,
    /// Start after this one.
    pub after: Option<MailId>,
    /// How many at most.
    pub limit: i64,
}

/// A mail in the ledger.
#[derive(Debug, Clone)]
pub struct MailView {
    /// Its identity.
    pub id: MailId,
    /// What it says.
    pub kind: MailKind,
    /// What became of it.
    pub state: String,
    /// How often it was tried since it was last planned.
    pub attempts: i32,
    /// What the relay said last.
    pub reply: Option<String>,
    /// When it is tried again, at the latest.
    pub next_try_at: Option<DateTime<Utc>>,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
}

impl Query for ListUserMails {
    type View = Vec<MailView>;
    const NAME: &'static str = "list_user_mails";

    async fn handle(self, app: &App) -> Result<Vec<MailView>> {
        let mut sql = app.read_as(self.by).await?;
        get_user::read(&mut *sql, self.user_id).await?;
        let rows = sqlx::query!(
            "select mail_id, kind, state, attempts, reply, next_try_at, asked_at from mails
             where user_id = $1 and ($2::uuid is null or mail_id < $2)
             order by mail_id desc limit $3",
            self.user_id.0,
            self.after.map(|id| id.0),
            self.limit,
        )
        .fetch_all(&mut *sql)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(MailView {
                    id: MailId(row.mail_id),
                    kind: row.kind.parse()?,
                    state: row.state,
                    attempts: row.attempts,
                    reply: row.reply,
                    next_try_at: row.next_try_at,
                    asked_at: row.asked_at,
                })
            })
            .collect()
    }
}
