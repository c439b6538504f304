//! `POST /v1/service-tokens`, `POST /v1/service-tokens/{id}/rotate`, `DELETE /v1/service-tokens/{id}`.

use chrono::{DateTime, Duration, Utc};
use keyward_core::{
    Refusal,
    commands::RotateServiceToken,
    domain::{Scopes, ServiceTokenId},
    error::Flaw,
};

use crate::routes::prelude::*;

pub(crate) struct ServiceTokenCommands;

/// A new service token.
#[derive(Debug, Object)]
pub(crate) struct NewServiceToken {
    /// What the service token is for, at most 100 characters.
    name: String,
    /// What the service token allows: one or more scopes.
    scopes: Vec<String>,
    /// When the service token expires (RFC 3339). It does not expire if this is missing.
    expires_at: Option<String>,
}

/// A new service token with its secret.
#[derive(Debug, Object)]
pub(crate) struct ServiceTokenCreated {
    /// The id of the service token.
    id: Uuid,
    /// The service token: `kws_` and 86 characters. Store it: it is never shown again.
    token: String,
}

/// A new secret of a service token.
#[derive(Debug, Object)]
pub(crate) struct ServiceTokenRotated {
    /// The service token with its new secret. Store it: it is never shown again.
    token: String,
    /// Until when the previous secret works, too.
    previous_works_until: Time,
}

#[derive(Debug, ApiResponse)]
enum ServiceTokenAnswer {
    /// The service token was created.
    #[oai(status = 201)]
    Created(
        Json<ServiceTokenCreated>,
        /// The URL of the service token.
        #[oai(header = "Location")]
        String,
    ),
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::ServiceTokens")]
impl ServiceTokenCommands {
    /// Create a service token
    ///
    /// Creates a credential for a machine. Only this response contains the token. A service token is sent
    /// like an access token, and does only what its scopes allow.
    #[oai(path = "/service-tokens", method = "post", operation_id = "create_service_token")]
    async fn create_service_token(
        &self,
        admin: AdminUser<'_>,
        /// Makes the request safe to repeat: 1 to 255 visible ASCII characters.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Body<NewServiceToken>,
    ) -> Result<ServiceTokenAnswer, Problem> {
        let (body, mut flaws) = body.parts();
        let name = flaws.check("/name", DisplayName::parse(&body.name));
        let scopes = flaws.check("/scopes", Scopes::parse(&body.scopes));
        let now = admin.app.clock.now();
        let expires_at = body.expires_at.as_deref().map(|at| parse_expiry(at, now)).transpose();
        let expires_at = flaws.check("/expires_at", expires_at);
        let ((name, scopes), expires_at) = flaws.all(name.zip(scopes).zip(expires_at))?;
        let command = commands::CreateServiceToken { by: admin.by, name, scopes, expires_at };
        let (id, generation) = admin.once(key).await?.execute(command).await?;
        let token = text(&admin, id, generation).await?;
        let location = format!("/v1/service-tokens/{id}");
        Ok(ServiceTokenAnswer::Created(Json(ServiceTokenCreated { id: id.0, token }), location))
    }

    /// Rotate a service token
    ///
    /// Returns the token with a new secret. The previous secret works as well for a while, so that you can
    /// update the service without a failed request; older ones stop at once.
    #[oai(
        path = "/service-tokens/:id/rotate",
        method = "post",
        operation_id = "rotate_service_token"
    )]
    async fn rotate_service_token(
        &self,
        admin: AdminUser<'_>,
        /// The id of the service token.
        id: Path<Uuid>,
        /// For how many seconds the previous secret works: 0 to 604800, 86400 (24 hours) by default.
        overlap_seconds: Query<Option<u32>>,
        /// Makes the request safe to repeat: 1 to 255 visible ASCII characters.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
    ) -> Result<Json<ServiceTokenRotated>, Problem> {
        let overlap = overlap_seconds.0.map(|seconds| Duration::seconds(seconds.into()));
        let overlap = overlap.unwrap_or(RotateServiceToken::OVERLAP);
        if overlap > RotateServiceToken::MAX_OVERLAP {
            let detail = "this must be a number from 0 to 604800";
            return Err(Refusal::parameter("overlap_seconds", detail).into());
        }
        let (by, id) = (admin.by, ServiceTokenId(id.0));
        let command = RotateServiceToken { by, id, overlap };
        let (generation, until) = admin.once(key).await?.execute(command).await?;
        let token = text(&admin, id, generation).await?;
        Ok(Json(ServiceTokenRotated { token, previous_works_until: until.into() }))
    }

    /// Revoke a service token
    ///
    /// Keyward refuses the token from its next request on, and revokes the open invitations that it
    /// sent.
    #[oai(path = "/service-tokens/:id", method = "delete", operation_id = "revoke_service_token")]
    async fn revoke_service_token(
        &self,
        admin: AdminUser<'_>,
        /// The id of the service token.
        id: Path<Uuid>,
    ) -> Result<NoContent, Problem> {
        let id = ServiceTokenId(id.0);
        admin.answer(commands::RevokeServiceToken { by: admin.by, id }).await
    }
}

/// The text of a token. It is derived, so that a repeated request gets it again.
async fn text(
    admin: &AdminUser<'_>,
    id: ServiceTokenId,
    generation: i32,
) -> Result<String, Problem> {
    admin.fetch(queries::GetServiceTokenText { by: admin.by, id, generation }).await
}

/// A time of expiry that has not come yet.
fn parse_expiry(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Flaw> {
    let at = DateTime::parse_from_rfc3339(text).map(DateTime::<Utc>::from);
    let at = at.map_err(|_| Flaw::new("malformed", "this must be a time (RFC 3339)"))?;
    if at <= now {
        return Err(Flaw::new("out_of_range", "this time is over"));
    }
    Ok(at)
}
