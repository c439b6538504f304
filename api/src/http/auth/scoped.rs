//! Callers with a scope.

use std::marker::PhantomData;

use keyward_core::{
    Refusal,
    administrator::{Administrator, refuse_scope},
    domain::{Scope, ServiceToken},
    infra::limits::Bucket,
    queries::CheckAdministrator,
};
use poem::Request;

use crate::http::{
    auth::{
        credential::{self, Credential},
        scheme::caller,
    },
    context::Context,
    problem::Problem,
};

/// Whom a route admits.
pub(crate) trait Access: Send + Sync + 'static {
    /// The scope that a service token needs.
    const SCOPE: Scope;
    /// `administrator`, if administrators are admitted, and the scope.
    const ADMITS: &'static str;
}

/// A service token with the scope of the route, or an administrator. Decided before anything else of the
/// request is read. Commands and queries decide again.
pub(crate) struct Scoped<'a, A> {
    context: Context<'a>,
    /// The caller, for commands and queries.
    pub(crate) by: Administrator,
    /// The service token, if it is one.
    pub(crate) service_token: Option<ServiceToken>,
    access: PhantomData<A>,
}

impl<'a, A: Access> Scoped<'a, A> {
    async fn of(request: &'a Request) -> Result<Self, Problem> {
        let (context, credential) = credential::verify(request).await?;
        let (by, service_token) = match credential {
            Credential::Service(valid) if valid.scopes.include(A::SCOPE) => {
                let (app, id) = (context.app, valid.token.id.to_string());
                let limit = app.settings.limits.service_token;
                app.limiter.pass(&[Bucket::new("service-token", limit, &id)]).await?;
                let by = Administrator::Service { id: valid.token.id, scope: A::SCOPE };
                (by, Some(valid.token))
            }
            Credential::Service(valid) => {
                return Err(refuse_scope(valid.token.id, Some(A::SCOPE)).into());
            }
            Credential::Access(actor) => {
                let by = Administrator::Session(actor);
                context.fetch(CheckAdministrator(by)).await?;
                if !A::ADMITS.starts_with("administrator") {
                    return Err(Refusal::ScopeMissing(Some(A::SCOPE.as_str())).into());
                }
                (by, None)
            }
        };
        Ok(Self { context, by, service_token, access: PhantomData })
    }
}

caller!(Scoped<A: Access> admits A::ADMITS);

macro_rules! scopes {
    ($($scope:ident admits $admits:literal)+) => {$(
        /// Admits service tokens with this scope.
        #[derive(Debug)]
        pub(crate) enum $scope {}

        impl Access for $scope {
            const SCOPE: Scope = Scope::$scope;
            const ADMITS: &'static str = $admits;
        }
    )+};
}

scopes! {
    EventsRead admits "administrator events:read"
    UsersRead admits "administrator users:read"
    UsersWrite admits "administrator users:write"
    WebhooksWrite admits "administrator webhooks:write"
    RevocationsRead admits "revocations:read"
    TokensIntrospect admits "tokens:introspect"
}
