//! Requesting a password reset.

use super::prelude::*;
use crate::domain::{EmailAddress, MailKind, Purpose};

/// Emails a link that sets a new password and revokes older ones (OWASP Forgot Password Cheat Sheet;
/// ASVS 5.0, 6.4.3). The caller cannot tell whether the address has an active account: see
/// `store::mails::request_link`.
pub struct RequestPasswordReset {
    /// The address.
    pub email: EmailAddress,
}

impl Command for RequestPasswordReset {
    type Output = ();
    const NAME: &'static str = "request_password_reset";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let mut tx = app.begin(origin).await?;
        let (kind, purpose) = (MailKind::PasswordReset, Purpose::ResetPassword);
        let request =
            mails::request_link(&mut tx, &self.email, kind, purpose, |user| user.is_active);
        if let Some((user, mail_id)) = request.await? {
            let (user_id, version) = (user.id, user.version);
            tx.emit(Event::PasswordResetRequested { user_id, version, mail_id });
        }
        tx.complete(()).await
    }
}
