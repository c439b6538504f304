//! Asking for another address.

use crate::{
    App, Command, Result,
    app::Actor,
    domain::{EmailAddress, MailKind, Password, Purpose},
    events::Event,
    origin::Origin,
    reauthentication::Reauthentication,
    store::{email_changes, links, mails, users},
};

/// Asks for another address for the account of whoever is logged in and knows its password.
/// Nothing changes before the new address is proven through the link that is mailed to it; a link
/// mailed to the old one at the same time stops the change, or takes it back (OWASP ASVS 5.0, 6.3.7
/// and 7.5.1).
///
/// Whoever asks cannot tell whether the new address is taken: the answer and the work are the
/// same. The owner of a taken one is told by mail, as when somebody registers it. An account that
/// has not proven its address does not keep others from proving it.
///
/// A mailbox that strangers have sent too many mails to already (`LIMIT_MAILBOX`) gets none, and
/// nobody can tell. The notice to the old address always goes.
///
/// A newer request kills the link of the one before. Refused with
/// [`WrongPassword`](crate::Refusal::WrongPassword).
#[derive(Debug)]
pub struct RequestEmailChange {
    /// Who asks.
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

        let mut tx = app.begin(origin).await?;
        let user = proof.authorize(&mut tx).await?;
        let (user_id, life) = (user.id, &app.settings.life);
        let owner = users::keep_by_email(&mut tx, &email).await?;
        let owner = owner.filter(|owner| owner.id != user_id && owner.keeps_its_address());
        let may_mail = app.may_mail(&email, true).await;
        let to = Some(email.as_str()).filter(|_| may_mail && owner.is_none());
        let told = owner.as_ref().map(|owner| owner.id).filter(|_| may_mail);

        let change = email_changes::insert(&mut tx, user_id, actor.session_id, &email).await?;
        let (purpose, ttl) = (Purpose::ConfirmEmailChange, life.email_change_link);
        let confirm = links::issue_for_change(&mut tx, purpose, user_id, change, ttl).await?;
        let (purpose, ttl) = (Purpose::UndoEmailChange, life.email_undo_link);
        let undo = links::issue_for_change(&mut tx, purpose, user_id, change, ttl).await?;

        let kind = MailKind::EmailChangeConfirmation;
        let mail_id = mails::plan_to(&mut tx, kind, Some(user_id), to, Some(confirm)).await?;
        let kind = MailKind::EmailChangeNotice;
        let notice_id = mails::plan(&mut tx, kind, Some(user_id), Some(undo)).await?;
        let kind = MailKind::AlreadyRegistered;
        let owner_mail_id = mails::plan(&mut tx, kind, told, None).await?;
        let version = user.version;
        tx.emit(Event::EmailChangeRequested { user_id, version, mail_id, notice_id });
        if let Some(owner) = owner {
            let (user_id, version) = (owner.id, owner.version);
            tx.emit(Event::RegistrationRepeated { user_id, version, mail_id: owner_mail_id });
        }
        tx.commit().await
    }
}
