//! Logging out (OWASP ASVS 5.0, 7.4.1).

use super::prelude::*;
use crate::domain::{EndReason, SessionId};

/// Ends a session of the caller. Its access and refresh tokens are refused from the next request on.
/// Ending an ended session changes nothing.
///
/// Refused with [`SessionNotFound`](Refusal::SessionNotFound) if the caller has no such session.
pub struct EndSession {
    /// The caller.
    pub actor: Actor,
    /// The session to end.
    pub session_id: SessionId,
}

impl Command for EndSession {
    type Output = ();
    const NAME: &'static str = "end_session";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let (mut tx, user) = sessions::begin(app, origin, self.actor).await?;
        let is_own = self.session_id == self.actor.session_id;
        let reason = if is_own { EndReason::LoggedOut } else { EndReason::Ended };
        let ended = sessions::end(&mut tx, &user, Ended::Only(self.session_id), reason).await?;
        if ended == 0 && !sessions::exists(&mut tx, self.session_id, user.id).await? {
            return Err(Refusal::SessionNotFound.into());
        }
        tx.commit().await
    }
}
