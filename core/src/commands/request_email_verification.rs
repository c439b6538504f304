//! Asking for the verification link again.

use crate::{
    App, Command, Result,
    domain::{EmailAddress, MailKind, Purpose},
    events::Event,
    origin::Origin,
    store::{links, mails, users},
};

/// Sends the link that proves an address again; the links before it are dead.
///
/// Whoever asks cannot tell whether the address has an account: the answer and the work are the
/// same, nothing is sent where there is nothing to prove, nor to a mailbox that strangers have sent
/// too many mails to already (`LIMIT_MAILBOX`); its older links stay alive.
#[derive(Debug)]
pub struct RequestEmailVerification {
    /// The address, as somebody typed it.
    pub email: EmailAddress,
}

impl Command for RequestEmailVerification {
    type Output = ();
    const NAME: &'static str = "request_email_verification";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let mut tx = app.begin(origin).await?;
        let user = users::lock_by_email(&mut tx, &self.email).await?;
        let user = user.filter(|user| user.is_active && !user.is_verified);
        let may_mail = app.may_mail(&self.email, user.is_some()).await;
        let user = user.filter(|_| may_mail);
        let to = user.as_ref().map(|user| user.id);
        let life = app.settings.life.verify_link;
        let link_id = links::issue(&mut tx, Purpose::VerifyEmail, to, life).await?;
        let mail_id = mails::plan(&mut tx, MailKind::Verification, to, Some(link_id)).await?;
        tx.emit(match user {
            Some(user) => {
                let (user_id, version) = (user.id, user.version);
                Event::VerificationRequested { user_id, version, mail_id }
            }
            None => Event::LinkRequestIgnored { link_id },
        });
        tx.commit().await
    }
}
