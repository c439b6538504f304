//! Changing one's own password.

use crate::{
    App, Command, Refusal, Result,
    app::Actor,
    domain::{EndReason, MailKind, Password, Purpose},
    events::Event,
    origin::Origin,
    passwords::PasswordHash,
    store::{links, mails, sessions, users},
};

/// Changes the password of whoever is logged in and knows the old one (NIST SP 800-63B-4, section
/// 5.2: reauthentication). Every *other* session ends, open reset links die, the owner gets a
/// notice.
///
/// Refused with [`WrongPassword`](Refusal::WrongPassword) if the old one is wrong, with
/// [`Invalid`](Refusal::Invalid) if the new one is weak.
#[derive(Debug)]
pub struct ChangePassword {
    /// Who asks.
    pub actor: Actor,
    /// The old password.
    pub current_password: Password,
    /// The new one; checked against the policy.
    pub password: Password,
}

impl Command for ChangePassword {
    type Output = ();
    const NAME: &'static str = "change_password";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { actor, current_password, password } = self;
        let mut look = app.begin(origin).await?;
        let user = sessions::authorize(&mut look, actor).await?;
        let old_hash = users::password_hash(&mut look, actor.user_id).await?;
        drop(look);
        app.policy
            .check(&password, &[&user.email, &user.display_name])
            .map_err(|flaw| Refusal::invalid("/password", flaw))?;
        reauthenticate(app, &current_password, old_hash.as_ref()).await?;
        let new_hash = app.hasher.hash(&password).await?;

        let mut tx = app.begin(origin).await?;
        let user_id = sessions::authorize(&mut tx, actor).await?.id;
        // What was checked outside the transaction must still be so.
        if users::password_hash(&mut tx, user_id).await?.map(|hash| hash.0) != old_hash.map(|h| h.0)
        {
            return Err(Refusal::WrongPassword.into());
        }
        let version = users::set_password(&mut tx, user_id, &new_hash).await?;
        links::revoke(&mut tx, Purpose::ResetPassword, Some(user_id)).await?;
        let (keep, reason) = (Some(actor.session_id), EndReason::PasswordChanged);
        sessions::end_all(&mut tx, user_id, version, keep, reason).await?;
        let mail_id = mails::plan(&mut tx, MailKind::PasswordChanged, Some(user_id), None).await?;
        tx.emit(Event::PasswordChanged { user_id, version, mail_id });
        tx.commit().await
    }
}

/// Whether whoever is logged in knows the password of the account.
async fn reauthenticate(app: &App, typed: &Password, hash: Option<&PasswordHash>) -> Result<()> {
    if app.hasher.verify(typed, hash).await? { Ok(()) } else { Err(Refusal::WrongPassword.into()) }
}
