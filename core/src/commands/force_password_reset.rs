//! Making somebody choose a new password (OWASP ASVS 5.0, 6.4.6).

use crate::{
    App, Command, Refusal, Result,
    administrator::Administrator,
    domain::{EndReason, MailKind, Purpose, UserId},
    events::Event,
    origin::Origin,
    store::{administrators, links, mails, sessions, users},
};

/// Makes the owner of an account choose a new password: the present one no longer works, every
/// session ends, and a link is mailed. The administrator sees neither password nor link.
///
/// Refused with [`UserNotFound`](Refusal::UserNotFound), and with
/// [`UserDisabled`](Refusal::UserDisabled) if no link could be used.
#[derive(Debug)]
pub struct ForcePasswordReset {
    /// Who asks.
    pub by: Administrator,
    /// Whose password.
    pub user_id: UserId,
}

impl Command for ForcePasswordReset {
    type Output = ();
    const NAME: &'static str = "force_password_reset";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { by, user_id } = self;
        let mut tx = app.begin(origin).await?;
        let user = administrators::lock_target(&mut tx, by, user_id).await?;
        if !user.is_active {
            return Err(Refusal::UserDisabled.into());
        }
        let version = users::remove_password(&mut tx, user_id).await?;
        let reason = EndReason::PasswordResetForced;
        sessions::end_all(&mut tx, user_id, version, None, reason).await?;
        let life = app.settings.life.reset_link;
        let link = links::issue(&mut tx, Purpose::ResetPassword, Some(user_id), life).await?;
        let kind = MailKind::PasswordResetForced;
        let mail_id = mails::plan(&mut tx, kind, Some(user_id), Some(link)).await?;
        let actor_id = by.user_id();
        tx.emit(Event::PasswordResetForced { user_id, version, actor_id, mail_id });
        tx.commit().await
    }
}
