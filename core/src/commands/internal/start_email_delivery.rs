//! Taking a mail from the ledger to send it.

use std::net::IpAddr;

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use crate::{
    App, Command, Result,
    app::Tx,
    domain::{LinkId, LinkToken, MailId, MailKind, Purpose},
    origin::Origin,
};

/// Marks a mail as being sent and returns what it takes to write it, or nothing if it need not be
/// sent: accepted before, given up, or its link was used or replaced by a newer one.
///
/// A link is never mailed with less than half its life left: a late attempt gives it a whole life
/// again, up to 24 hours after it was asked for; then the mail is given up as `expired`.
///
/// Two workers may both be told to send, if one was thought dead and was not; they send the same
/// mail with the same `Message-ID` and the same link.
#[derive(Debug)]
pub struct StartEmailDelivery(pub MailId);

/// What it takes to write a mail. Lives in memory only.
#[derive(Debug, Clone)]
pub struct OutgoingEmail {
    /// Left part of its `Message-ID`.
    pub mail_id: MailId,
    /// What it says.
    pub kind: MailKind,
    /// The address that was fixed when it was planned, and no other.
    pub to: String,
    /// The name on file, if there is still an account; nobody checked it.
    pub display_name: Option<String>,
    /// The link, where it has one.
    pub link: Option<EmailLink>,
    /// When somebody asked for it.
    pub asked_at: DateTime<Utc>,
    /// From where.
    pub asked_from: Option<IpAddr>,
    /// The number of this attempt, from 1, since it was last planned.
    pub attempt: i32,
}

/// A link in a mail.
#[derive(Clone)]
pub struct EmailLink {
    /// What it is for.
    pub purpose: Purpose,
    /// Its secret part, derived just now.
    pub token: LinkToken,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for EmailLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmailLink").field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

/// What is known of the mail's link.
struct LinkRow {
    id: Uuid,
    purpose: Purpose,
    expires_at: DateTime<Utc>,
    life: Duration,
}

/// After this a link that was asked for is no longer wanted.
const RENEW_FOR: Duration = Duration::hours(24);

impl Command for StartEmailDelivery {
    type Output = Option<OutgoingEmail>;
    const NAME: &'static str = "start_email_delivery";

    async fn handle(self, app: &App, origin: &Origin) -> Result<Option<OutgoingEmail>> {
        let mut tx = app.begin(origin).await?;
        let now = tx.now;
        // The link before the mail, as when an account is deleted: else each may wait for the other.
        sqlx::query!(
            "select from links where link_id = (select link_id from mails where mail_id = $1)
             for no key update",
            self.0.0,
        )
        .execute(tx.sql())
        .await?;
        let Some(mail) = sqlx::query!(
            r#"update mails set state = 'sending', attempts = attempts + 1, updated_at = $2
               where mail_id = $1 and state in ('planned', 'sending', 'deferred')
               returning kind, link_id, asked_at, asked_ip, attempts, coalesce(
                   -- A row of an older release has no address of its own.
                   email, (select users.email from users where user_id = mails.user_id)
               ) as email, (select display_name from users where user_id = mails.user_id)"#,
            self.0.0,
            now,
        )
        .fetch_optional(tx.sql())
        .await?
        else {
            return Ok(None);
        };
        let Some(to) = mail.email else { return Ok(None) };
        let link = match mail.link_id {
            None => None,
            Some(id) => match self.usable_link(&mut tx, id, mail.asked_at).await? {
                Some(link) => Some(EmailLink {
                    purpose: link.purpose,
                    token: app.links.token(link.purpose, LinkId(link.id)),
                    expires_at: link.expires_at,
                }),
                None => {
                    tx.commit().await?;
                    return Ok(None);
                }
            },
        };
        tx.commit().await?;
        Ok(Some(OutgoingEmail {
            mail_id: self.0,
            kind: mail.kind.parse()?,
            to,
            display_name: mail.display_name,
            link,
            asked_at: mail.asked_at,
            asked_from: mail.asked_ip.map(|network| network.ip()),
            attempt: mail.attempts,
        }))
    }
}

impl StartEmailDelivery {
    /// The mail's link with at least half its life left, or nothing, and then the mail is given up.
    async fn usable_link(
        &self,
        tx: &mut Tx,
        id: Uuid,
        asked_at: DateTime<Utc>,
    ) -> Result<Option<LinkRow>> {
        let now = tx.now;
        let link = sqlx::query!(
            "select purpose, expires_at, renewed_at, created_at from links
             where link_id = $1 and used_at is null and revoked_at is null for no key update",
            id,
        )
        .fetch_optional(tx.sql())
        .await?;
        let Some(link) = link else {
            self.give_up(tx, "the link was used, or a newer one was asked for").await?;
            return Ok(None);
        };
        let purpose: Purpose = link.purpose.parse()?;
        let life = link.expires_at - link.renewed_at.unwrap_or(link.created_at);
        let mut row = LinkRow { id, purpose, expires_at: link.expires_at, life };
        if (row.expires_at - now) * 2 >= row.life {
            return Ok(Some(row));
        }
        if now - asked_at > RENEW_FOR {
            self.give_up(tx, "could not be delivered in time").await?;
            return Ok(None);
        }
        row.expires_at = now + row.life;
        sqlx::query!(
            "update links set expires_at = $2, renewed_at = $3 where link_id = $1",
            id,
            row.expires_at,
            now,
        )
        .execute(tx.sql())
        .await?;
        Ok(Some(row))
    }

    async fn give_up(&self, tx: &mut Tx, why: &str) -> Result<()> {
        sqlx::query!(
            "update mails set state = 'expired', email = null, reply = $2, next_try_at = null,
                    asked_ip = case when user_id is not null then asked_ip end
             where mail_id = $1",
            self.0.0,
            why,
        )
        .execute(tx.sql())
        .await?;
        Ok(())
    }
}
