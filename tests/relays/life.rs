//! What people do, so that every kind of email is sent.

use keyward_tests::{Account, Cluster, Tokens, token_in, until};
use reqwest::Method;
use serde_json::json;

/// Causes every kind of email to addresses of a domain. `admin` is the token of an administrator.
pub(crate) async fn live(cluster: &Cluster, admin: &str, domain: &str) {
    let address = |name: &str| format!("{name}@{domain}");
    let ada = registered(cluster, &address("ada")).await;
    confirm(cluster, &ada).await;
    register(cluster, &ada).await;
    reuse_a_token(cluster, &ada).await;

    cluster.post("/v1/password-resets", json!({"email": ada.email})).await.expect(202);
    let ada = set_password(cluster, &ada, "Reset", "another long passphrase").await;
    let (access, _) = cluster.log_in(&ada).await;
    let id = cluster.me(&access).await.expect(200).json()["id"].as_str().unwrap().to_owned();
    let force = format!("/v1/users/{id}/password-resets");
    cluster.send_as(admin, Method::POST, &force, json!({})).await.expect(202);
    let ada = set_password(cluster, &ada, "Choose", "a third long passphrase").await;

    let (access, _) = cluster.log_in(&ada).await;
    let new = ada.with_email(&address("byron"));
    let body = json!({"email": new.email, "current_password": ada.password});
    cluster.send_as(&access, Method::PUT, "/v1/users/me/email", body).await.expect(202);
    let token = token_of(cluster, &new.email, "Confirm your new", "/confirm-email").await;
    cluster.post("/v1/email-changes/confirm", json!({"token": token})).await.expect(204);
    cluster.nth_mail(&ada.email, "was changed", 1).await;
    let body = json!({"current_password": new.password});
    cluster.send_as(&access, Method::DELETE, "/v1/users/me", body).await.expect(204);

    let grace = json!({"email": address("grace"), "role": "user"});
    cluster.send_as(admin, Method::POST, "/v1/invitations", grace).await.expect(202);
    let token = token_of(cluster, &address("grace"), "invited", "/accept-invitation").await;
    let body =
        json!({"token": token, "password": "an invited passphrase", "display_name": "Grace"});
    let accepted = cluster.post("/v1/invitations/accept", body).await.expect(201).json();
    let grace = format!("/v1/users/{}", accepted["id"].as_str().unwrap());
    cluster.send_as(admin, Method::DELETE, &grace, json!({})).await.expect(204);
}

/// A registered account whose email has not arrived yet.
pub(crate) async fn registered(cluster: &Cluster, email: &str) -> Account {
    let account = Account::new(email, "the first long passphrase");
    register(cluster, &account).await;
    account
}

async fn register(cluster: &Cluster, account: &Account) {
    let body = json!({"email": account.email, "password": account.password, "display_name": "Ada"});
    cluster.post("/v1/users", body).await.expect(202);
}

pub(crate) async fn confirm(cluster: &Cluster, account: &Account) {
    let token = token_of(cluster, &account.email, "Confirm", "/verify-email").await;
    cluster.post("/v1/email-verifications/confirm", json!({"token": token})).await.expect(204);
}

/// Uses a refresh token after its successor.
async fn reuse_a_token(cluster: &Cluster, account: &Account) {
    let (_, first) = cluster.log_in(account).await;
    let refresh = async |token: &str| {
        cluster.post("/v1/sessions/refresh", json!({"refresh_token": token})).await
    };
    let second = Tokens::of(&refresh(&first).await.expect(200)).refresh;
    refresh(&second).await.expect(200);
    // Until `REFRESH_GRACE_S` has passed, the client may have lost the response.
    let is_refused = async || (refresh(&first).await.status == 401).then_some(());
    until("the old refresh token is refused", is_refused).await;
}

/// Waits for an email with a link to the reset page, and sets a password with it.
async fn set_password(cluster: &Cluster, account: &Account, subject: &str, new: &str) -> Account {
    let token = token_of(cluster, &account.email, subject, "/reset-password").await;
    let body = json!({"token": token, "password": new});
    cluster.post("/v1/password-resets/confirm", body).await.expect(204);
    account.with_password(new)
}

/// Waits for an email, and returns the token of its link.
async fn token_of(cluster: &Cluster, to: &str, subject: &str, page: &str) -> String {
    let mail = cluster.nth_mail(to, subject, 1).await;
    token_in(&mail.text, &format!("{}{page}#", cluster.url)).unwrap()
}
