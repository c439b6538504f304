//! The service tokens.

use sqlx::types::ipnetwork::IpNetwork;

use super::prelude::*;
use crate::domain::{Scopes, ServiceTokenId, UserId};

/// Lists the service tokens that can be used or have expired, newest first; or those that were revoked.
pub struct ListServiceTokens {
    /// The administrator.
    pub by: Administrator,
    /// Whether to list the revoked ones.
    pub revoked: bool,
    /// The part to read.
    pub page: Keyset<ServiceTokenId>,
}

/// A service token, without anything secret.
#[derive(Debug, Clone)]
pub struct ServiceTokenView {
    /// Its id.
    pub id: ServiceTokenId,
    /// What it is for.
    pub name: String,
    /// What it allows.
    pub scopes: Scopes,
    /// When it expires, if it does.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// The administrator who created it; `None` for the command line.
    pub created_by: Option<UserId>,
    /// When its secret was last rotated.
    pub rotated_at: Option<DateTime<Utc>>,
    /// Until when the previous secret works.
    pub previous_until: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// The network that it was last used from.
    pub last_used_network: Option<IpNetwork>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Query for ListServiceTokens {
    type View = Vec<ServiceTokenView>;
    const NAME: &'static str = "list_service_tokens";

    async fn handle(self, app: &App) -> Result<Vec<ServiceTokenView>> {
        let mut sql = app.read_as(self.by).await?;
        Ok(sqlx::query_as!(
            ServiceTokenView,
            r#"select service_token_id as "id: ServiceTokenId", name, scopes as "scopes: Scopes",
                      expires_at, created_at, created_by as "created_by: UserId", rotated_at,
                      previous_until, last_used_at, last_used_network, revoked_at
               from service_tokens
               where (revoked_at is not null) = $1
                     and ($2::uuid is null or service_token_id < $2)
               order by service_token_id desc limit $3"#,
            self.revoked,
            self.page.after.map(|id| id.0),
            self.page.limit,
        )
        .fetch_all(&mut *sql)
        .await?)
    }
}
