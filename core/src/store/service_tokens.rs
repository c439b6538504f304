//! Table `service_tokens`. Accounts are always locked before tokens.

use super::{administrators, prelude::*};
use crate::domain::ServiceTokenId;

/// Begins a unit of work in which `by` is an administrator and a service token is locked, so that no
/// request of the token commits after it. Returns the generation of its secret, too.
///
/// # Errors
///
/// As [`Administrator::check`]; then [`Refusal::ServiceTokenNotFound`].
pub(crate) async fn begin(
    app: &App,
    origin: &Origin,
    by: Administrator,
    id: ServiceTokenId,
) -> Result<(Tx, i32)> {
    let mut tx = administrators::begin(app, origin, by).await?;
    let generation = sqlx::query_scalar!(
        "select generation from service_tokens
         where service_token_id = $1 and revoked_at is null for update",
        id.0,
    )
    .fetch_optional(tx.sql())
    .await?;
    Ok((tx, generation.ok_or(Refusal::ServiceTokenNotFound)?))
}
