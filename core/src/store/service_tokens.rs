//! Table `service_tokens`. Accounts are always locked before tokens.

use super::{administrators, prelude::*};
use crate::domain::{ServiceTokenId, ServiceTokenSecret};

/// A service token whose row is locked until the unit of work ends.
pub(crate) struct LockedServiceToken {
    pub(crate) secret: ServiceTokenSecret,
    pub(crate) generation: i32,
}

/// Begins a unit of work in which `by` is an administrator and a service token is locked, so that no
/// request of the token commits after it.
///
/// # Errors
///
/// As [`Administrator::check`]; then [`Refusal::ServiceTokenNotFound`].
pub(crate) async fn begin(
    app: &App,
    origin: &Origin,
    by: Administrator,
    id: ServiceTokenId,
) -> Result<(Tx, LockedServiceToken)> {
    let mut tx = administrators::begin(app, origin, by).await?;
    let token = sqlx::query_as!(
        LockedServiceToken,
        r#"select secret as "secret: ServiceTokenSecret", generation from service_tokens
           where service_token_id = $1 and revoked_at is null for update"#,
        id.0,
    )
    .fetch_optional(tx.sql())
    .await?;
    Ok((tx, token.ok_or(Refusal::ServiceTokenNotFound)?))
}
