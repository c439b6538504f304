//! Logging out everywhere else (OWASP ASVS 5.0, 7.5.2).

use super::prelude::*;
use crate::domain::EndReason;

/// Ends every session of the account but the caller's own.
pub struct EndOtherSessions {
    /// The caller.
    pub actor: Actor,
}

impl Command for EndOtherSessions {
    type Output = ();
    const NAME: &'static str = "end_other_sessions";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let (mut tx, user) = sessions::begin(app, origin, self.actor).await?;
        let others = Ended::AllBut(self.actor.session_id);
        sessions::end(&mut tx, &user, others, EndReason::Ended).await?;
        tx.commit().await
    }
}
