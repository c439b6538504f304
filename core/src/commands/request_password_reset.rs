//! Asking for a link to set a new password.

use crate::{
    App, Command, Result,
    domain::{EmailAddress, MailKind, Purpose},
    events::Event,
    origin::Origin,
    store::{links, mails, users},
};

/// Sends a link that sets a new password; the links before it are dead.
///
/// Follows OWASP's Forgot Password Cheat Sheet (and ASVS 5.0, 6.3.8 and 6.4.3): whoever asks cannot tell whether the address has
/// an account. The answer and the work are the same: for an unknown or disabled one the same rows
/// are written, only that they lead nowhere and no mail is sent. So it is for a mailbox that
/// strangers have sent too many mails to already (`LIMIT_MAILBOX`); its older links stay alive.
#[derive(Debug)]
pub struct RequestPasswordReset {
    /// The address, as somebody typed it.
    pub email: EmailAddress,
}

impl Command for RequestPasswordReset {
    type Output = ();
    const NAME: &'static str = "request_password_reset";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let mut tx = app.begin(origin).await?;
        let user = users::lock_by_email(&mut tx, &self.email).await?;
        let user = user.filter(|user| user.is_active);
        let may_mail = app.may_mail(&self.email, user.is_some()).await;
        let user = user.filter(|_| may_mail);
        let to = user.as_ref().map(|user| user.id);
        let life = app.settings.life.reset_link;
        let link_id = links::issue(&mut tx, Purpose::ResetPassword, to, life).await?;
        let mail_id = mails::plan(&mut tx, MailKind::PasswordReset, to, Some(link_id)).await?;
        tx.emit(match user {
            Some(user) => {
                let (user_id, version) = (user.id, user.version);
                Event::PasswordResetRequested { user_id, version, mail_id }
            }
            None => Event::LinkRequestIgnored { link_id },
        });
        tx.commit().await
    }
}
