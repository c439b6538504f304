//! `GET /v1/service-tokens`.

use keyward_core::domain::{self, Scopes, ServiceTokenId};

use crate::routes::prelude::*;

pub(crate) struct ServiceTokenQueries;

/// What a service token allows.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(remote = "domain::Scope")]
pub(crate) enum Scope {
    /// Read the event log.
    #[oai(rename = "events:read")]
    EventsRead,
    /// Search and read accounts, with their emails, events and sessions.
    #[oai(rename = "users:read")]
    UsersRead,
    /// Change accounts: role, status, password resets, sessions, deletion, invitations.
    #[oai(rename = "users:write")]
    UsersWrite,
    /// Read and change webhook endpoints.
    #[oai(rename = "webhooks:write")]
    WebhooksWrite,
    /// Read and follow the revocations.
    #[oai(rename = "revocations:read")]
    RevocationsRead,
    /// Introspect access tokens.
    #[oai(rename = "tokens:introspect")]
    TokensIntrospect,
}

/// The state of service tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(crate) enum ServiceTokenState {
    /// Service tokens that were not revoked.
    Active,
    /// Service tokens that were revoked within a year.
    Revoked,
}

objects! {
    /// A service token, without its secret.
    ServiceToken from view: queries::ServiceTokenView {
        /// The id of the service token. Events name it as `actor_id`.
        id: Uuid = view.id.0,
        /// What the service token is for.
        name: String = view.name,
        /// What the service token allows.
        scopes: Vec<Scope> = shown(&view.scopes),
        /// When the service token expires. Null if it does not.
        expires_at: Option<Time> = view.expires_at.map(Time::from),
        /// When the service token was created.
        created_at: Time = view.created_at,
        /// The administrator who created it. Null for the command line.
        created_by: Option<Uuid> = view.created_by.map(|id| id.0),
        /// When the secret was last rotated.
        rotated_at: Option<Time> = view.rotated_at.map(Time::from),
        /// Until when the previous secret works, too.
        previous_works_until: Option<Time> = view.previous_until.map(Time::from),
        /// When the service token was last used, to the minute.
        last_used_at: Option<Time> = view.last_used_at.map(Time::from),
        /// The network that it was last used from: an IPv4 address or an IPv6 /64.
        last_used_network: Option<String> = view.last_used_network.map(|network| network.to_string()),
        /// When the service token was revoked.
        revoked_at: Option<Time> = view.revoked_at.map(Time::from),
    }
}

fn shown(scopes: &Scopes) -> Vec<Scope> {
    scopes.as_slice().iter().map(|scope| Scope::from(*scope)).collect()
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::ServiceTokens")]
impl ServiceTokenQueries {
    /// List service tokens
    ///
    /// Returns the latest first, without their secrets.
    #[oai(path = "/service-tokens", method = "get", operation_id = "list_service_tokens")]
    async fn list_service_tokens(
        &self,
        admin: AdminUser<'_>,
        /// The state of the service tokens to return. `active` by default.
        state: Query<Option<ServiceTokenState>>,
        /// Most items to return: 1 to 100.
        limit: Query<Option<u32>>,
        /// The `next_cursor` of the previous page.
        cursor: Query<Option<String>>,
    ) -> Result<Listed<ServiceToken>, Problem> {
        let page = Page::parse(&admin, limit, cursor)?;
        let query = queries::ListServiceTokens {
            by: admin.by,
            revoked: state.0 == Some(ServiceTokenState::Revoked),
            page: page.of(ServiceTokenId),
        };
        page.fetch(&admin, query, |token| token.id.0, ServiceToken::from).await
    }
}
