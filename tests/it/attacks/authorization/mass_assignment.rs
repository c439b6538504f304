use keyward_tests::{Route, Takes, World};
use reqwest::Method;
use serde_json::{Value, json};

use super::User;

/// Members that only the server sets.
const FORBIDDEN: [&str; 10] = [
    "role",
    "status",
    "email_verified",
    "email_verified_at",
    "id",
    "user_id",
    "version",
    "avatar",
    "created_at",
    "password_hash",
];

#[test]
fn user_routes_accept_no_server_controlled_member() {
    for Route { name, schema, takes, .. } in Route::all() {
        // Reports have the form of their provider.
        if takes == Takes::Json && !name.contains("/mail-reports/") {
            assert_eq!(schema["additionalProperties"], json!(false), "{name}");
        }
    }
    for route in Route::all().iter().filter(|route| !route.is_for_administrators()) {
        for member in FORBIDDEN {
            assert_eq!(route.schema["properties"].get(member), None, "{}: {member}", route.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_body_query_or_header_sets_a_server_controlled_value() {
    let world = World::new().await;
    let user = User::new(&world, "user").await;
    let root = world.administrator("root").await;
    let token = world.invite(&root, "grace@example.org", "user").await;
    let before = world.me(&user.token).await.json();
    let password = "a wholly new beginning";
    let bodies: [(Method, &str, Value); 3] = [
        (Method::PATCH, "/v1/users/me", json!({"display_name": "user"})),
        (
            Method::POST,
            "/v1/users",
            json!({"email": "eve@example.org", "password": password, "display_name": "Eve"}),
        ),
        (
            Method::POST,
            "/v1/invitations/accept",
            json!({"token": token, "password": password, "display_name": "Grace"}),
        ),
    ];

    for (method, path, good) in &bodies {
        for member in FORBIDDEN {
            let mut body = good.clone();
            body[member] = json!("admin");
            let request = world.request(method.clone(), path).bearer_auth(&user.token);
            let reply = world.send(request.json(&body)).await.expect_problem(422, "invalid");
            assert_eq!(reply.json()["errors"][0]["code"], "unknown_member", "{path} {member}");
        }
        let query = format!("{path}?role=admin&status=active&email_verified=true&version=99");
        let request = world.request(method.clone(), &query).bearer_auth(&user.token);
        world.send(request.json(good)).await.expect_problem(400, "parameter_invalid");
        let request = world.request(method.clone(), path).bearer_auth(&user.token);
        let request = request.header("x-role", "admin").header("x-user-id", "1").json(good);
        let reply = world.send(request).await;
        assert!(reply.status.is_success(), "{path}: {}", reply.text);
    }

    let after = world.me(&user.token).await.json();
    for member in ["id", "email", "email_verified", "role", "status", "avatar", "created_at"] {
        assert_eq!(after[member], before[member], "{member}");
    }
    assert_eq!(world.count("users where role = 'admin'").await, 1, "root");
    let unverified = "users where email = 'eve@example.org' and email_verified_at is null";
    assert_eq!(world.count(unverified).await, 1);
    assert_eq!(world.count("users where version > 4").await, 0);
}
