//! Revoking a service token.

use super::prelude::*;
use crate::domain::ServiceTokenId;

/// Revokes a service token, and the open invitations that it sent. It takes effect with the answer:
/// the next request of the token is refused, and none that is under way commits afterwards.
///
/// Refused with [`ServiceTokenNotFound`](crate::Refusal::ServiceTokenNotFound).
pub struct RevokeServiceToken {
    /// The administrator.
    pub by: Administrator,
    /// The token.
    pub id: ServiceTokenId,
}

impl Command for RevokeServiceToken {
    type Output = ();
    const NAME: &'static str = "revoke_service_token";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { by, id } = self;
        let (mut tx, _) = service_tokens::begin(app, origin, by, id).await?;
        let now = tx.now;
        sqlx::query!(
            "update service_tokens set revoked_at = $2 where service_token_id = $1",
            id.0,
            now,
        )
        .execute(tx.sql())
        .await?;
        invitations::revoke_of(&mut tx, id).await?;
        tx.emit(Event::ServiceTokenRevoked { service_token_id: id, actor_id: by.id() });
        tx.complete(()).await
    }
}
