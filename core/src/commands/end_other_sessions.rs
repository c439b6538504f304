//! Logging out everywhere else (OWASP ASVS 5.0, 7.5.2).

use crate::{App, Command, Result, app::Actor, domain::EndReason, origin::Origin, store::sessions};

/// Ends every session of the account but the one that asks.
#[derive(Debug)]
pub struct EndOtherSessions {
    /// Who asks.
    pub actor: Actor,
}

impl Command for EndOtherSessions {
    type Output = ();
    const NAME: &'static str = "end_other_sessions";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let mut tx = app.begin(origin).await?;
        let user = sessions::authorize(&mut tx, self.actor).await?;
        let keep = Some(self.actor.session_id);
        sessions::end_all(&mut tx, user.id, user.version, keep, EndReason::Ended).await?;
        tx.commit().await
    }
}
