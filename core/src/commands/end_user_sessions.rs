//! Logging a user out everywhere, by an administrator (OWASP ASVS 5.0, 7.4.5).

use super::prelude::*;
use crate::domain::{EndReason, UserId};

/// Ends every session of an account. Its access and refresh tokens are refused from the next
/// request on.
///
/// Refused with [`UserNotFound`](crate::Refusal::UserNotFound).
pub struct EndUserSessions {
    /// The administrator.
    pub by: Administrator,
    /// The account.
    pub user_id: UserId,
}

impl Command for EndUserSessions {
    type Output = ();
    const NAME: &'static str = "end_user_sessions";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { by, user_id } = self;
        let (mut tx, user) = administrators::begin_on(app, origin, by, user_id).await?;
        sessions::end(&mut tx, &user, Ended::All, EndReason::EndedByAdmin).await?;
        let version = user.version;
        tx.emit(Event::UserSessionsEnded { user_id, version, actor_id: by.id() });
        tx.commit().await
    }
}
