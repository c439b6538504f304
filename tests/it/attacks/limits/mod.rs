//! Rate limits, and what keeps working under load.

mod bodies;
mod clients;
mod connections;
mod email_changes;
mod login;
mod mailbox;
mod responses;

use keyward_tests::{Account, Reply, World};
use serde_json::json;

/// A login with a wrong password, from a client's address.
async fn guess(world: &World, from: &str, email: &str) -> Reply {
    let body = json!({"email": email, "password": "not the right passphrase"});
    world.post_from(from, "/v1/sessions", body).await
}

/// A login with the right password, from a client's address.
async fn log_in_from(world: &World, from: &str, account: &Account) -> Reply {
    world.post_from(from, "/v1/sessions", account.credentials()).await
}

/// A request for a link to a new password, from a client's address.
async fn ask_from(world: &World, from: &str, email: &str) -> Reply {
    world.post_from(from, "/v1/password-resets", json!({"email": email})).await
}
