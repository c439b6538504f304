//! Rotating the secret of a service token.

use chrono::Duration;

use super::prelude::*;
use crate::domain::ServiceTokenId;

/// Creates a new secret for a service token. The previous one works beside it for a while, so that the
/// service can switch without a failed request; older ones work no more. Returns the generation of the
/// secret, and when the previous one stops working.
///
/// Refused with [`ServiceTokenNotFound`](crate::Refusal::ServiceTokenNotFound).
pub struct RotateServiceToken {
    /// The administrator.
    pub by: Administrator,
    /// The token.
    pub id: ServiceTokenId,
    /// How long the previous secret works.
    pub overlap: Duration,
}

impl RotateServiceToken {
    /// How long the previous secret works if the client does not say.
    pub const OVERLAP: Duration = Duration::hours(24);
    /// The longest overlap.
    pub const MAX_OVERLAP: Duration = Duration::days(7);
}

impl Command for RotateServiceToken {
    type Output = (i32, DateTime<Utc>);
    const NAME: &'static str = "rotate_service_token";

    async fn handle(self, app: &App, origin: &Origin) -> Result<(i32, DateTime<Utc>)> {
        let Self { by, id, overlap } = self;
        let (mut tx, generation) = service_tokens::begin(app, origin, by, id).await?;
        let (now, generation) = (tx.now, generation + 1);
        let previous_until = now + overlap;
        sqlx::query!(
            "update service_tokens set generation = $2, rotated_at = $3, previous_until = $4
             where service_token_id = $1",
            id.0,
            generation,
            now,
            previous_until,
        )
        .execute(tx.sql())
        .await?;
        tx.emit(Event::ServiceTokenRotated { service_token_id: id, actor_id: by.id() });
        tx.complete((generation, previous_until)).await
    }
}
