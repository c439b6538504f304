//! Starting an attempt to send an email.

use std::net::IpAddr;

use chrono::Duration;

use crate::{
    commands::prelude::*,
    domain::{DisplayName, LinkCode, LinkId, LinkToken, MailId, MailKind, Purpose},
    languages::Locale,
};

/// Marks an email as being sent and returns its contents; `None` if there is nothing to send: it was
/// accepted or discarded before, its link was used or replaced, or its mailbox is suppressed, with
/// which it ends as `failed`.
///
/// A link is never sent with less than half its lifetime left: a late attempt renews it, up to 24
/// hours after the request; then the email ends as `expired`.
///
/// Two workers may both start the same email, if one was wrongly taken for dead. They send it with
/// the same `Message-ID` and the same link.
pub struct StartEmailDelivery(pub MailId);

/// The contents of an email. Never stored, never logged.
#[derive(Clone)]
pub struct OutgoingEmail {
    /// The left part of its `Message-ID`.
    pub mail_id: MailId,
    /// The kind of email.
    pub kind: MailKind,
    /// The recipient, fixed when the email was planned.
    pub to: String,
    /// Where reports about it go, if `BOUNCE_DOMAIN` is set; otherwise to `MAIL_FROM`.
    pub return_path: Option<String>,
    /// The language, fixed when the email was planned.
    pub locale: Locale,
    /// The display name of the account, if its owner has chosen one: escape it.
    pub display_name: Option<String>,
    /// The link, for kinds that have one.
    pub link: Option<EmailLink>,
    /// When the email was requested.
    pub asked_at: DateTime<Utc>,
    /// The client address of the request.
    pub asked_from: Option<IpAddr>,
    /// The number of this attempt since the email was last planned, from 1.
    pub attempt: i32,
}

/// A link in an email.
#[derive(Clone)]
pub struct EmailLink {
    /// What the link does.
    pub purpose: Purpose,
    /// Its secret part, derived for this attempt.
    pub token: LinkToken,
    /// Its short code, derived for this attempt.
    pub code: LinkCode,
    /// When the link expires.
    pub expires_at: DateTime<Utc>,
}

/// The link of an email, as stored.
struct StoredLink {
    id: LinkId,
    purpose: Purpose,
    started_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    is_open: bool,
}

/// How long after its request a link is renewed.
const RENEW_FOR: Duration = Duration::hours(24);

impl Command for StartEmailDelivery {
    type Output = Option<OutgoingEmail>;
    const NAME: &'static str = "start_email_delivery";

    async fn handle(self, app: &App, origin: &Origin) -> Result<Option<OutgoingEmail>> {
        let mail_id = self.0;
        let mut tx = app.begin(origin).await?;
        let now = tx.now;
        // The link before the email, as in the deletion of an account; otherwise both could deadlock.
        let link = sqlx::query_as!(
            StoredLink,
            r#"select link_id as "id: LinkId", purpose as "purpose: Purpose",
                      coalesce(renewed_at, created_at) as "started_at!", expires_at,
                      used_at is null and revoked_at is null as "is_open!"
               from links where link_id = (select link_id from mails where mail_id = $1)
               for no key update"#,
            mail_id.0,
        )
        .fetch_optional(tx.sql())
        .await?;
        let mail = sqlx::query!(
            r#"update mails set state = 'sending', attempts = attempts + 1, updated_at = $2
               where mail_id = $1 and state in ('planned', 'sending', 'deferred')
                     and email is not null
               returning kind as "kind: MailKind", email as "email!", locale, asked_at,
                         asked_ip as "asked_ip: IpAddr", attempts,
                         (select display_name from users where user_id = mails.user_id)"#,
            mail_id.0,
            now,
        )
        .fetch_optional(tx.sql())
        .await?;
        let Some(mail) = mail else { return Ok(None) };
        let mailbox = app.mails.mailbox(&mail.email);
        if let Some(reason) = suppressions::check(&mut tx, mail_id, mailbox).await? {
            let reply = format!(
                "suppressed: an earlier email to this address {}",
                match reason.as_str() {
                    "complained" => "was reported as unwanted",
                    _ => "bounced",
                }
            );
            sqlx::query!(
                "update mails
                 set state = 'failed', reply = $2, next_try_at = null, attempts = attempts - 1,
                     email = case when user_id is not null then email end,
                     asked_ip = case when user_id is not null then asked_ip end
                 where mail_id = $1",
                mail_id.0,
                reply,
            )
            .execute(tx.sql())
            .await?;
            tx.commit().await?;
            return Ok(None);
        }
        let link = match link.map(|link| link.renewed(now, mail.asked_at)).transpose() {
            Ok(link) => link,
            Err(reason) => {
                sqlx::query!(
                    "update mails
                     set state = 'expired', email = null, reply = $2, next_try_at = null,
                         asked_ip = case when user_id is not null then asked_ip end
                     where mail_id = $1",
                    mail_id.0,
                    reason,
                )
                .execute(tx.sql())
                .await?;
                tx.commit().await?;
                return Ok(None);
            }
        };
        if let Some(link) = &link {
            sqlx::query!(
                "update links set expires_at = $2, renewed_at = $3
                 where link_id = $1 and expires_at <> $2",
                link.id.0,
                link.expires_at,
                now,
            )
            .execute(tx.sql())
            .await?;
        }
        tx.commit().await?;
        let locale = app.settings.brand.languages.locales.look_up(&mail.locale);
        Ok(Some(OutgoingEmail {
            mail_id,
            kind: mail.kind,
            to: mail.email,
            return_path: app.return_path(mail_id),
            // A release that ships fewer languages may send it, or one with another brand.
            locale: locale.unwrap_or(app.settings.default_locale),
            display_name: mail.display_name.filter(|name| name != DisplayName::NONE),
            link: link.map(|StoredLink { id, purpose, expires_at, .. }| EmailLink {
                purpose,
                token: app.links.token(purpose, id),
                code: app.links.code(purpose, id),
                expires_at,
            }),
            asked_at: mail.asked_at,
            asked_from: mail.asked_ip,
            attempt: mail.attempts,
        }))
    }
}

impl StoredLink {
    /// The link as it is if its email is sent now, or why the email is not sent.
    fn renewed(self, now: DateTime<Utc>, asked_at: DateTime<Utc>) -> Result<Self, &'static str> {
        let lifetime = self.expires_at - self.started_at;
        if !self.is_open {
            Err("the link was used, or a newer one was requested")
        } else if (self.expires_at - now) * 2 >= lifetime {
            Ok(self)
        } else if now - asked_at > RENEW_FOR {
            Err("could not be delivered in time")
        } else {
            Ok(Self { expires_at: now + lifetime, ..self })
        }
    }
}
