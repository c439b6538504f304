//! Requesting another verification link.

use super::prelude::*;
use crate::domain::{EmailAddress, MailKind, Purpose};

/// Emails a link that verifies the address of an account and revokes older ones. Nothing is sent to
/// a verified or disabled account, which the caller cannot tell: see `store::mails::request_link`.
pub struct RequestEmailVerification {
    /// The address.
    pub email: EmailAddress,
}

impl Command for RequestEmailVerification {
    type Output = ();
    const NAME: &'static str = "request_email_verification";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let mut tx = app.begin(origin).await?;
        let (kind, purpose) = (MailKind::Verification, Purpose::VerifyEmail);
        let request = mails::request_link(&mut tx, &self.email, kind, purpose, |user| {
            user.is_active && !user.is_verified
        });
        if let Some((user, mail_id)) = request.await? {
            let (user_id, version) = (user.id, user.version);
            tx.emit(Event::VerificationRequested { user_id, version, mail_id });
        }
        tx.complete(()).await
    }
}
