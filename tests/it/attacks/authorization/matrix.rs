use keyward_tests::{Reply, World};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use super::{Somebody, operations};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Anybody,
    /// Whoever is logged in, for what is their own.
    Owner,
    Administrators,
}
use Who::{Administrators, Anybody, Owner};

/// THE matrix. A route without a row fails the test.
const MATRIX: &[(&str, Who)] = &[
    ("GET /.well-known/jwks.json", Anybody),
    ("GET /v1/avatar-uploads/{id}", Administrators),
    ("GET /v1/avatars/{key}", Anybody),
    ("POST /v1/email-changes/confirm", Anybody),
    ("POST /v1/email-changes/undo", Anybody),
    ("POST /v1/email-verifications", Anybody),
    ("POST /v1/email-verifications/confirm", Anybody),
    ("GET /v1/invitations", Administrators),
    ("GET /v1/events", Administrators),
    ("POST /v1/invitations", Administrators),
    ("POST /v1/invitations/accept", Anybody),
    ("DELETE /v1/invitations/{id}", Administrators),
    ("POST /v1/password-resets", Anybody),
    ("POST /v1/password-resets/confirm", Anybody),
    ("DELETE /v1/sessions", Owner),
    ("GET /v1/sessions", Owner),
    ("POST /v1/sessions", Anybody),
    ("DELETE /v1/sessions/current", Owner),
    ("POST /v1/sessions/refresh", Anybody),
    ("DELETE /v1/sessions/{id}", Owner),
    ("GET /v1/users", Administrators),
    ("POST /v1/users", Anybody),
    ("DELETE /v1/users/me", Owner),
    ("GET /v1/users/me", Owner),
    ("PATCH /v1/users/me", Owner),
    ("DELETE /v1/users/me/avatar", Administrators),
    ("PUT /v1/users/me/avatar", Administrators),
    ("PUT /v1/users/me/email", Owner),
    ("PUT /v1/users/me/password", Owner),
    ("DELETE /v1/users/{id}", Administrators),
    ("GET /v1/users/{id}", Administrators),
    ("DELETE /v1/users/{id}/avatar", Administrators),
    ("PUT /v1/users/{id}/avatar", Administrators),
    ("GET /v1/users/{id}/events", Administrators),
    ("GET /v1/users/{id}/mails", Administrators),
    ("POST /v1/users/{id}/password-resets", Administrators),
    ("PUT /v1/users/{id}/role", Administrators),
    ("DELETE /v1/users/{id}/sessions", Administrators),
    ("GET /v1/users/{id}/sessions", Administrators),
    ("GET /v1/users/{id}/status", Administrators),
    ("PUT /v1/users/{id}/status", Administrators),
    ("GET /v1/webhooks", Administrators),
    ("POST /v1/webhooks", Administrators),
    ("DELETE /v1/webhooks/{id}", Administrators),
    ("GET /v1/webhooks/{id}", Administrators),
    ("PATCH /v1/webhooks/{id}", Administrators),
    ("GET /v1/webhooks/{id}/deliveries", Administrators),
    ("POST /v1/webhooks/{id}/deliveries/{delivery_id}/redeliver", Administrators),
    ("POST /v1/webhooks/{id}/ping", Administrators),
    ("POST /v1/webhooks/{id}/secret", Administrators),
];

async fn ask(world: &World, method: &Method, path: &str, token: Option<&str>) -> Reply {
    let mut request = world.request(method.clone(), path).header("if-match", "*");
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    // Nothing that a route could do: every body lacks what is needed.
    world.send(if *method == Method::GET { request } else { request.json(&json!({})) }).await
}

#[test]
fn every_route_has_its_row_and_says_in_the_document_who_may_use_it() {
    let routes: Vec<String> = operations()
        .iter()
        .map(|(method, path, operation)| {
            let route = format!("{method} {path}");
            let row = MATRIX.iter().find(|(known, _)| *known == route);
            let (_, who) = row.unwrap_or_else(|| panic!("{route} has no row in the matrix"));
            let expected = match who {
                Anybody => json!(null),
                Owner => json!([{"access_token": []}]),
                Administrators => json!([{"administrator": []}]),
            };
            assert_eq!(operation["security"], expected, "{route}");
            route
        })
        .collect();

    for (known, _) in MATRIX {
        assert!(routes.iter().any(|route| route == known), "{known} is no route");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_for_those_it_is_for_and_for_nobody_else() {
    let world = World::new().await;
    let user = Somebody::new(&world, "user").await;
    let other = Somebody::new(&world, "other").await;
    let admin = world.administrator("root").await;
    let demoted = world.administrator("former").await;
    world.sql("update users set role = 'user' where email = 'former@example.org'").await;
    let disabled = Somebody::new(&world, "disabled").await;
    world.sql("update users set status = 'disabled' where email = 'disabled@example.org'").await;

    for (route, who) in MATRIX.iter().filter(|(_, who)| *who != Anybody) {
        let (method, path) = route.split_once(' ').unwrap();
        let method: Method = method.parse().unwrap();
        let path = |id: &str| path.replace("{id}", id).replace("{delivery_id}", id);
        let nobody = Uuid::now_v7().to_string();

        let reply = ask(&world, &method, &path(&user.id), None).await;
        assert_eq!(reply.status, 401, "{route}: anonymous");
        assert_eq!(reply.header("www-authenticate"), "Bearer", "{route}");
        let reply = ask(&world, &method, &path(&user.id), Some(&disabled.token)).await;
        reply.expect_problem(401, "session_ended");

        if *who == Administrators {
            for token in [&user.token, &demoted] {
                // Their own id, somebody else's, and nobody's: the same answer.
                for id in [&user.id, &other.id, &nobody] {
                    let reply = ask(&world, &method, &path(id), Some(token)).await;
                    reply.expect_problem(403, "forbidden");
                }
            }
            let reply = ask(&world, &method, &path(&nobody), Some(&admin)).await;
            assert!(![401, 403, 405].contains(&reply.status.as_u16()), "{route}: {}", reply.text);
        } else {
            // A session of its own: the route may end it.
            let account = world.user_id("other@example.org").await;
            assert_eq!(account.to_string(), other.id);
            let fresh = keyward_tests::Account {
                email: "other@example.org".into(),
                password: "the passphrase of number 5".into(),
            };
            let token = world.log_in(&fresh).await.access;
            let reply = ask(&world, &method, &path(&nobody), Some(&token)).await;
            assert!(![401, 403, 405].contains(&reply.status.as_u16()), "{route}: {}", reply.text);
        }
    }
    assert_eq!(world.count("users where role = 'admin'").await, 1);
    assert_eq!(world.count("users where status = 'disabled'").await, 1);
}
