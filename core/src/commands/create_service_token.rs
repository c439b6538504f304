//! Creating a service token.

use anyhow::Context as _;
use aws_lc_rs::rand;

use super::prelude::*;
use crate::domain::{DisplayName, Scopes, ServiceTokenId};

/// Creates a service token. Returns its id and the generation of its secret.
///
/// It does not depend on the account of its creator: a service must not fail when an administrator
/// leaves.
pub struct CreateServiceToken {
    /// The administrator.
    pub by: Administrator,
    /// What the token is for.
    pub name: DisplayName,
    /// What it allows.
    pub scopes: Scopes,
    /// When it expires, if it does.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Command for CreateServiceToken {
    type Output = (ServiceTokenId, i32);
    const NAME: &'static str = "create_service_token";

    async fn handle(self, app: &App, origin: &Origin) -> Result<(ServiceTokenId, i32)> {
        let id = ServiceTokenId::new();
        let mut secret = [0; 32];
        rand::fill(&mut secret).context("the random number generator failed")?;
        let scopes: Vec<_> = self.scopes.as_slice().iter().map(|s| s.as_str().to_owned()).collect();
        let mut tx = administrators::begin(app, origin, self.by).await?;
        let generation = sqlx::query_scalar!(
            "insert into service_tokens (service_token_id, name, scopes, secret, expires_at, created_at,
                                         created_by)
             values ($1, $2, $3, $4, $5, $6, $7) returning generation",
            id.0,
            self.name.as_str(),
            &scopes,
            &secret[..],
            self.expires_at,
            tx.now,
            self.by.user_id().map(|id| id.0),
        )
        .fetch_one(tx.sql())
        .await?;
        tx.emit(Event::ServiceTokenCreated { service_token_id: id, actor_id: self.by.id() });
        tx.complete((id, generation)).await
    }
}
