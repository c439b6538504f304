//! Requesting a change of address.

use super::prelude::*;
use crate::domain::{EmailAddress, MailKind, Password, Purpose};

/// Requests another address for the account of a logged-in user who knows its password. The address
/// changes when the link that is emailed to the new one is followed; a link emailed to the old one at
/// the same time prevents or undoes the change (OWASP ASVS 5.0, 6.3.7 and 7.5.1).
///
/// The caller cannot tell whether the new address is taken: the answer and the work are the same, and
/// the owner of a taken one gets an email, as in a registration. An account with an unverified
/// address does not keep others from verifying it.
///
/// An address that has reached `LIMIT_EMAIL_CHANGE_TARGET` gets no email, whether or not it has an
/// account. The notice to the old address is always sent.
///
/// A newer request revokes the link of an older one. Refused with
/// [`WrongPassword`](crate::Refusal::WrongPassword), and with
/// [`Throttled`](crate::Refusal::Throttled) if the account has requested too many changes.
pub struct RequestEmailChange {
    /// The caller.
    pub actor: Actor,
    /// The password.
    pub current_password: Password,
    /// The new address.
    pub email: EmailAddress,
}

impl Command for RequestEmailChange {
    type Output = ();
    const NAME: &'static str = "request_email_change";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { actor, current_password, email } = self;
        let proof = Reauthentication::begin(app, origin, actor).await?;
        proof.check(app, &current_password).await?;
        app.limiter.pass(&[app.email_changes(actor.user_id)]).await?;
        let may_mail = app.may_mail_change(&email).await;

        let mut tx = app.begin(origin).await?;
        let user = proof.authorize(&mut tx).await?;
        let (user_id, version) = (user.id, user.version);
        let taken_by = users::keep_by_email(&mut tx, &email)
            .await?
            .filter(|owner| owner.id != user_id && owner.keeps_its_address());
        let to = Some(user.recipient_at(email.as_str()));
        let to = to.filter(|_| may_mail && taken_by.is_none());

        let change = email_changes::insert(&mut tx, user_id, actor.session_id, &email).await?;
        let (owner, change) = (Some(user_id), Some(change));
        let confirm = links::issue(&mut tx, Purpose::ConfirmEmailChange, owner, change).await?;
        let undo = links::issue(&mut tx, Purpose::UndoEmailChange, owner, change).await?;

        let kind = MailKind::EmailChangeConfirmation;
        let mail_id = mails::plan_at(&mut tx, kind, owner, to, Some(confirm)).await?;
        let (kind, to) = (MailKind::EmailChangeNotice, Some(user.recipient()));
        let notice_id = mails::plan_at(&mut tx, kind, owner, to, Some(undo)).await?;
        let to = taken_by.as_ref().filter(|_| may_mail);
        let taken_mail_id = mails::plan(&mut tx, MailKind::AlreadyRegistered, to).await?;
        tx.emit(Event::EmailChangeRequested { user_id, version, mail_id, notice_id });
        if let Some(owner) = taken_by {
            let (user_id, version) = (owner.id, owner.version);
            tx.emit(Event::RegistrationRepeated { user_id, version, mail_id: taken_mail_id });
        }
        tx.commit().await
    }
}
