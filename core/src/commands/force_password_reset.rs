//! Forcing a password reset, by an administrator (OWASP ASVS 5.0, 6.4.6).

use super::prelude::*;
use crate::domain::{EndReason, MailKind, Purpose, UserId};

/// Makes the owner of an account set a new password: removes the present one, ends every session and
/// emails a link. The administrator sees neither password nor link.
///
/// Refused with [`UserNotFound`](Refusal::UserNotFound), and with
/// [`UserDisabled`](Refusal::UserDisabled): the owner could not use the link.
pub struct ForcePasswordReset {
    /// The administrator.
    pub by: Administrator,
    /// The account.
    pub user_id: UserId,
}

impl Command for ForcePasswordReset {
    type Output = ();
    const NAME: &'static str = "force_password_reset";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { by, user_id } = self;
        let (mut tx, mut user) = administrators::begin_on(app, origin, by, user_id).await?;
        if !user.is_active {
            return Err(Refusal::UserDisabled.into());
        }
        let patch = UserPatch { password_hash: Some(None), ..UserPatch::default() };
        users::update(&mut tx, &mut user, patch).await?;
        sessions::end(&mut tx, &user, Ended::All, EndReason::PasswordResetForced).await?;
        let (kind, purpose) = (MailKind::PasswordResetForced, Purpose::ResetPassword);
        let (mail_id, _) = mails::plan_link(&mut tx, kind, purpose, Some(&user)).await?;
        let (version, actor_id) = (user.version, by.id());
        tx.emit(Event::PasswordResetForced { user_id, version, actor_id, mail_id });
        tx.complete(()).await
    }
}
