//! Sending an email again, by an administrator.

use super::prelude::*;
use crate::domain::{LinkId, MailId, MailKind, UserId};

/// Sends an email of an account again, and lifts the suppression of its recipient.
///
/// An email to the owner of the account goes to the account's present address, and its link is a
/// fresh one: a former address must not get a link. Any other email goes to the address that it was
/// planned for, and only as long as its link is open. The `Message-ID` stays. An email that is still
/// being sent is only freed from a suppression.
///
/// Refused with [`UserNotFound`](Refusal::UserNotFound), [`MailNotFound`](Refusal::MailNotFound),
/// [`UserDisabled`](Refusal::UserDisabled) if the owner could not use the link, and
/// [`MailObsolete`](Refusal::MailObsolete) if the address is verified by now, the link was used, revoked
/// or has expired, or the recipient is no longer known.
pub struct ResendMail {
    /// The administrator.
    pub by: Administrator,
    /// The account.
    pub user_id: UserId,
    /// The email.
    pub mail_id: MailId,
}

/// Where an email goes now, with which link.
struct Renewed {
    to: String,
    link: Option<LinkId>,
}

impl Command for ResendMail {
    type Output = ();
    const NAME: &'static str = "resend_mail";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { by, user_id, mail_id } = self;
        let (mut tx, user) = administrators::begin_on(app, origin, by, user_id).await?;
        let mail = sqlx::query!(
            r#"select kind as "kind: MailKind",
                      state in ('planned', 'sending', 'deferred') as "is_open!"
               from mails where mail_id = $1 and user_id = $2"#,
            mail_id.0,
            user_id.0,
        )
        .fetch_optional(tx.sql())
        .await?
        .ok_or(Refusal::MailNotFound)?;
        let Renewed { to, link } = if mail.kind.goes_to_the_owner() {
            to_the_owner(&mut tx, &user, mail.kind, mail.is_open).await?
        } else {
            to_another_address(&mut tx, mail_id, mail.kind).await?
        };
        suppressions::lift(&mut tx, app.mails.mailbox(&to)).await?;
        if !mail.is_open {
            let now = tx.now;
            sqlx::query!(
                "update mails
                 set state = 'planned', attempts = 0, next_try_at = null, reported_at = null,
                     email = $2, link_id = $3, updated_at = $4
                 where mail_id = $1",
                mail_id.0,
                to,
                link.map(|link| link.0),
                now,
            )
            .execute(tx.sql())
            .await?;
            let (kind, actor_id) = (mail.kind, by.id());
            tx.emit(Event::MailResendRequested { user_id, mail_id, kind, actor_id });
        }
        tx.complete(()).await
    }
}

async fn to_the_owner(
    tx: &mut Tx,
    user: &LockedUser,
    kind: MailKind,
    is_open: bool,
) -> Result<Renewed> {
    let purpose = kind.link_to_the_owner();
    if purpose.is_some() && !user.is_active {
        return Err(Refusal::UserDisabled.into());
    }
    if kind == MailKind::Verification && user.is_verified {
        return Err(Refusal::MailObsolete.into());
    }
    let link = match purpose.filter(|_| !is_open) {
        Some(purpose) => Some(links::issue(tx, purpose, Some(user.id), None).await?),
        None => None,
    };
    Ok(Renewed { to: user.email.clone(), link })
}

/// To the other address of a change of address.
async fn to_another_address(tx: &mut Tx, mail_id: MailId, kind: MailKind) -> Result<Renewed> {
    let now = tx.now;
    let link = sqlx::query!(
        r#"select link_id as "id: LinkId", old_email, new_email
           from links join mails using (link_id) join email_changes using (change_id)
           where mail_id = $1 and used_at is null and revoked_at is null and expires_at > $2"#,
        mail_id.0,
        now,
    )
    .fetch_optional(tx.sql())
    .await?
    .ok_or(Refusal::MailObsolete)?;
    let to = match kind {
        MailKind::EmailChangeConfirmation => link.new_email,
        _ => link.old_email,
    };
    Ok(Renewed { to, link: Some(link.id) })
}
