//! Recording the use of a service token.

use chrono::Duration;

use crate::{commands::prelude::*, domain::ServiceTokenId};

/// Records when and from which network a service token was last used, unless that was recorded within
/// a minute. Emits no event.
pub struct RecordServiceTokenUse(pub ServiceTokenId);

impl RecordServiceTokenUse {
    /// The shortest time between two records of a token.
    pub const INTERVAL: Duration = Duration::minutes(1);
}

impl Command for RecordServiceTokenUse {
    type Output = ();
    const NAME: &'static str = "record_service_token_use";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let now = app.clock.now();
        sqlx::query!(
            "update service_tokens set last_used_at = $2, last_used_network = $3
             where service_token_id = $1 and (last_used_at is null or last_used_at <= $4)",
            self.0.0,
            now,
            origin.network(),
            now - Self::INTERVAL,
        )
        .execute(&app.write)
        .await?;
        Ok(())
    }
}
