use keyward_core::domain::Scope;
use keyward_tests::{Route, World};

/// A caller for every route.
pub(super) struct Callers {
    /// The access token of an administrator.
    pub(super) admin: String,
    /// A service token with every scope.
    service: String,
}

impl Callers {
    pub(super) async fn prepare(world: &World) -> Self {
        let admin = world.administrator_without_mail("root").await;
        let scopes: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        let service = world.service_token(&admin, &scopes).await.token;
        Self { admin, service }
    }

    /// The token of the caller of a route.
    pub(super) fn of(&self, route: &Route) -> &str {
        if route.is_for_services() { &self.service } else { &self.admin }
    }

    /// The same, a service token wherever one is admitted.
    pub(super) fn service_of(&self, route: &Route) -> &str {
        if route.scope().is_some() { &self.service } else { &self.admin }
    }
}
