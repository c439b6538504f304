//! The text of a service token.

use super::prelude::*;
use crate::domain::{ServiceTokenId, ServiceTokenSecret};

/// Derives the text of a service token, for the answer to the request that has created or rotated it.
///
/// Refused with [`ServiceTokenNotFound`](Refusal::ServiceTokenNotFound).
pub struct GetServiceTokenText {
    /// The administrator.
    pub by: Administrator,
    /// The token.
    pub id: ServiceTokenId,
    /// The generation of its secret.
    pub generation: i32,
}

impl Query for GetServiceTokenText {
    type View = String;
    const NAME: &'static str = "get_service_token_text";

    async fn handle(self, app: &App) -> Result<String> {
        let Self { by, id, generation } = self;
        let mut sql = app.read_as(by).await?;
        let secret = sqlx::query_scalar!(
            r#"select secret as "secret: ServiceTokenSecret" from service_tokens
               where service_token_id = $1 and revoked_at is null"#,
            id.0,
        )
        .fetch_optional(&mut *sql)
        .await?
        .ok_or(Refusal::ServiceTokenNotFound)?;
        Ok(app.service_tokens.token(id, generation, &secret))
    }
}
