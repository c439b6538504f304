//! Logging somebody out everywhere (OWASP ASVS 5.0, 7.4.5).

use crate::{
    App, Command, Result,
    administrator::Administrator,
    domain::{EndReason, UserId},
    events::Event,
    origin::Origin,
    store::{administrators, sessions},
};

/// Ends every session of an account. Its access and refresh tokens are refused from the next
/// request on.
///
/// Refused with [`UserNotFound`](crate::Refusal::UserNotFound).
#[derive(Debug)]
pub struct EndUserSessions {
    /// Who asks.
    pub by: Administrator,
    /// Whose sessions.
    pub user_id: UserId,
}

impl Command for EndUserSessions {
    type Output = ();
    const NAME: &'static str = "end_user_sessions";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { by, user_id } = self;
        let mut tx = app.begin(origin).await?;
        let version = administrators::lock_target(&mut tx, by, user_id).await?.version;
        sessions::end_all(&mut tx, user_id, version, None, EndReason::EndedByAdmin).await?;
        tx.emit(Event::UserSessionsEnded { user_id, version, actor_id: by.user_id() });
        tx.commit().await
    }
}
