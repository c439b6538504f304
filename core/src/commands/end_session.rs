//! Logging out (OWASP ASVS 5.0, 7.4.1).

use crate::{
    App, Command, Refusal, Result,
    app::Actor,
    domain::{EndReason, SessionId},
    origin::Origin,
    store::sessions,
};

/// Ends a session of whoever asks. Its access and refresh tokens are refused from the next request
/// on.
///
/// Refused with [`SessionNotFound`](Refusal::SessionNotFound) if they have no such session; one
/// that has ended before is no mistake.
#[derive(Debug)]
pub struct EndSession {
    /// Who asks.
    pub actor: Actor,
    /// The session to end.
    pub session_id: SessionId,
}

impl Command for EndSession {
    type Output = ();
    const NAME: &'static str = "end_session";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let mut tx = app.begin(origin).await?;
        let user = sessions::authorize(&mut tx, self.actor).await?;
        let is_own = self.session_id == self.actor.session_id;
        let reason = if is_own { EndReason::LoggedOut } else { EndReason::Ended };
        sessions::end(&mut tx, self.session_id, user.id, user.version, reason).await?;
        if !is_own && !sessions::belongs_to(&mut tx, self.session_id, user.id).await? {
            return Err(Refusal::SessionNotFound.into());
        }
        tx.commit().await
    }
}
