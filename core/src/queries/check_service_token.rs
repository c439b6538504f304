//! Whether a service token is valid.

use super::prelude::*;
use crate::domain::{Scopes, ServiceToken, ServiceTokenSecret};

/// Checks a service token by its row: one indexed read with every request, never a cache, so that a
/// revocation takes effect with the next request whatever else is unavailable.
///
/// Refused with [`TokenInvalid`](Refusal::TokenInvalid) if it was revoked, is expired, or was replaced
/// and its overlap is over.
pub struct CheckServiceToken(pub ServiceToken);

/// A valid service token.
#[derive(Clone)]
pub struct ValidServiceToken {
    /// The token.
    pub token: ServiceToken,
    /// What it allows.
    pub scopes: Scopes,
    /// When its use was last recorded.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Not `Debug`: it has half of the key of the token.
struct Row {
    scopes: Scopes,
    secret: ServiceTokenSecret,
    last_used_at: Option<DateTime<Utc>>,
    is_current: bool,
}

impl Query for CheckServiceToken {
    type View = ValidServiceToken;
    const NAME: &'static str = "check_service_token";

    async fn handle(self, app: &App) -> Result<ValidServiceToken> {
        let Self(token) = self;
        let now = app.clock.now();
        let row = sqlx::query_as!(
            Row,
            r#"select scopes as "scopes: Scopes", secret as "secret: ServiceTokenSecret",
                      last_used_at,
                      (generation = $2 or (generation = $2 + 1 and previous_until > $3))
                      and (expires_at is null or expires_at > $3) as "is_current!"
               from service_tokens where service_token_id = $1 and revoked_at is null"#,
            token.id.0,
            token.generation,
            now,
        )
        .fetch_optional(&app.read)
        .await?;
        let row =
            row.filter(|row| row.is_current && app.service_tokens.issued(&token, &row.secret));
        let Some(row) = row else {
            tracing::warn!(
                audit = "service_token_refused",
                service_token.id = %token.id,
                "refused: service token {} was revoked, replaced or is expired",
                token.id,
            );
            return Err(Refusal::TokenInvalid.into());
        };
        Ok(ValidServiceToken { token, scopes: row.scopes, last_used_at: row.last_used_at })
    }
}
