//! Logging out.

use crate::{App, Command, Result, app::Actor, domain::EndReason, origin::Origin, store::sessions};

/// Ends the session that asks. Its access and refresh tokens are refused from the next request on.
#[derive(Debug)]
pub struct EndSession {
    /// Who asks, and the session to end.
    pub actor: Actor,
}

impl Command for EndSession {
    type Output = ();
    const NAME: &'static str = "end_session";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let mut tx = app.begin(origin).await?;
        let user = sessions::authorize(&mut tx, self.actor).await?;
        let session = self.actor.session_id;
        sessions::end(&mut tx, session, user.id, user.version, EndReason::LoggedOut).await?;
        tx.commit().await
    }
}
