use keyward_tests::{Reply, Route, Takes, World};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use super::User;

/// The audience of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Audience {
    Anyone,
    /// Any logged-in user, for their own data.
    Owner,
    Administrators,
    /// Service tokens, and no account.
    Services,
}
use Audience::{Administrators, Anyone, Owner, Services};

/// The authorization matrix. A route without a row fails the test.
const MATRIX: &[(&str, Audience)] = &[
    ("GET /.well-known/jwks.json", Anyone),
    ("GET /v1/avatar-uploads/{id}", Administrators),
    ("GET /v1/avatars/{key}", Anyone),
    ("POST /v1/email-changes/confirm", Anyone),
    ("POST /v1/email-changes/undo", Anyone),
    ("POST /v1/email-verifications", Anyone),
    ("POST /v1/email-verifications/confirm", Anyone),
    ("GET /v1/invitations", Administrators),
    ("GET /v1/events", Administrators),
    ("POST /v1/invitations", Administrators),
    ("POST /v1/invitations/accept", Anyone),
    ("DELETE /v1/invitations/{id}", Administrators),
    ("POST /v1/mail-reports/mailgun", Anyone),
    ("POST /v1/mail-reports/sendgrid", Anyone),
    ("POST /v1/password-resets", Anyone),
    ("POST /v1/password-resets/confirm", Anyone),
    ("GET /v1/revocations", Services),
    ("GET /v1/service-tokens", Administrators),
    ("POST /v1/service-tokens", Administrators),
    ("DELETE /v1/service-tokens/{id}", Administrators),
    ("POST /v1/service-tokens/{id}/rotate", Administrators),
    ("DELETE /v1/sessions", Owner),
    ("GET /v1/sessions", Owner),
    ("POST /v1/sessions", Anyone),
    ("DELETE /v1/sessions/current", Owner),
    ("POST /v1/sessions/refresh", Anyone),
    ("DELETE /v1/sessions/{id}", Owner),
    ("POST /v1/tokens/introspect", Services),
    ("GET /v1/users", Administrators),
    ("POST /v1/users", Anyone),
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
    ("POST /v1/users/{id}/mails/{mail_id}/resend", Administrators),
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

async fn ask(world: &World, route: &Route, id: &str, token: Option<&str>) -> Reply {
    let request = world.request(route.method.clone(), &route.path(id)).header("if-match", "*");
    let request = token.into_iter().fold(request, |request, token| request.bearer_auth(token));
    // Every body lacks required members, so no route takes effect.
    world
        .send(match (route.takes, &route.method) {
            (Takes::Form, _) => request.form(&[("x", "y")]),
            (_, &Method::GET) => request,
            _ => request.json(&json!({})),
        })
        .await
}

/// The audience of a route in the matrix.
fn audience(route: &Route) -> Audience {
    let row = MATRIX.iter().find(|(name, _)| *name == route.name);
    row.unwrap_or_else(|| panic!("{} has no row in the matrix", route.name)).1
}

#[test]
fn every_route_has_a_row_that_matches_the_document() {
    let routes = Route::all();

    for route in &routes {
        let (documented, audience) = (route.admits(), audience(route));
        let found = match documented[..] {
            [] => Anyone,
            ["user"] => Owner,
            ["administrator", ..] => Administrators,
            _ => Services,
        };
        assert_eq!(found, audience, "{}: {documented:?}", route.name);
        let security = if audience == Anyone { json!(null) } else { json!([{"bearer": []}]) };
        assert_eq!(route.operation["security"], security, "{}", route.name);
    }
    assert_eq!(MATRIX.len(), routes.len(), "every row is a route");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_admits_only_its_audience() {
    let world = World::new().await;
    let user = User::new(&world, "user").await;
    let other = User::new(&world, "other").await;
    let admin = world.administrator("root").await;
    let demoted = world.administrator("former").await;
    world.sql("update users set role = 'user' where email = 'former@example.org'").await;
    let disabled = User::new(&world, "disabled").await;
    world.sql("update users set status = 'disabled' where email = 'disabled@example.org'").await;

    for route in Route::all().iter().filter(|route| audience(route) != Anyone) {
        let unknown = Uuid::now_v7().to_string();
        let reply = ask(&world, route, &user.id, None).await.expect_problem(401, "token_missing");
        assert_eq!(reply.header("www-authenticate"), "Bearer", "{}", route.name);
        let reply = ask(&world, route, &user.id, Some(&disabled.token)).await;
        reply.expect_problem(401, "session_ended");

        let admitted = match audience(route) {
            Administrators => {
                for token in [&user.token, &demoted] {
                    // Their own id, another user's and an unknown one get the same response.
                    for id in [&user.id, &other.id, &unknown] {
                        let reply = ask(&world, route, id, Some(token)).await;
                        reply.expect_problem(403, "forbidden");
                    }
                }
                admin.clone()
            }
            Services => {
                for token in [&user.token, &demoted] {
                    ask(&world, route, &unknown, Some(token))
                        .await
                        .expect_problem(403, "forbidden");
                }
                world.service_token(&admin, &[route.scope().unwrap()]).await.token
            }
            // A fresh session, because the route may end it.
            _ => world.log_in_again("other").await,
        };
        let reply = ask(&world, route, &unknown, Some(&admitted)).await;
        let status = reply.status.as_u16();
        assert!(![401, 403, 405].contains(&status), "{}: {}", route.name, reply.text);
    }
    assert_eq!(world.count("users where role = 'admin'").await, 1);
    assert_eq!(world.count("users where status = 'disabled'").await, 1);
}
