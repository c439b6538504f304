//! Authorization. The row in Postgres decides, for every route, method and spelling of a path.

mod demotion;
mod last_administrator;
mod lists;
mod mass_assignment;
mod matrix;
mod spellings;

use keyward_tests::World;

/// An account: an access token and its id.
struct User {
    token: String,
    id: String,
}

impl User {
    async fn new(world: &World, name: &str) -> Self {
        let account = world.account(name).await;
        let token = world.log_in(&account).await.access;
        Self { token, id: world.user_id(&account.email).await.to_string() }
    }
}
