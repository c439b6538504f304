//! Changing one's own password.

use crate::{
    App, Command, Refusal, Result,
    app::Actor,
    domain::{EndReason, MailKind, Password},
    events::Event,
    origin::Origin,
    reauthentication::Reauthentication,
    store::{links, mails, sessions, users},
};

/// Changes the password of whoever is logged in and knows the old one (OWASP ASVS 5.0,
/// 6.2.2 and 6.2.3; NIST SP 800-63B-4, section 5.2). Every *other* session ends (7.4.3), open links
/// die (but those that undo a change of address), the owner gets a notice (6.3.7).
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
        let proof = Reauthentication::begin(app, origin, actor).await?;
        app.policy
            .check(&password, &[&proof.user.email, &proof.user.display_name])
            .map_err(|flaw| Refusal::invalid("/password", flaw))?;
        proof.check(app, &current_password).await?;
        let new_hash = app.hasher.hash(&password).await?;

        let mut tx = app.begin(origin).await?;
        let user_id = proof.authorize(&mut tx).await?.id;
        let version = users::set_password(&mut tx, user_id, &new_hash).await?;
        links::revoke_all_but_undo(&mut tx, user_id).await?;
        let (keep, reason) = (Some(actor.session_id), EndReason::PasswordChanged);
        sessions::end_all(&mut tx, user_id, version, keep, reason).await?;
        let mail_id = mails::plan(&mut tx, MailKind::PasswordChanged, Some(user_id), None).await?;
        tx.emit(Event::PasswordChanged { user_id, version, mail_id });
        tx.commit().await
    }
}
