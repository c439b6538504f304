use keyward_tests::World;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Somebody, operations};

/// What only the cluster itself decides.
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

/// Members that a route for everybody may have under such a name: none.
#[test]
fn no_body_of_a_route_for_users_has_a_member_that_only_the_house_decides() {
    let document = keyward_api::openapi_document().unwrap();

    for (method, path, operation) in operations() {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        let Some(name) = schema.as_str().and_then(|name| name.rsplit('/').next()) else { continue };
        let schema = &document["components"]["schemas"][name];
        assert_eq!(schema["additionalProperties"], json!(false), "{method} {path}");
        if operation["security"].to_string().contains("administrator") {
            continue;
        }
        for member in FORBIDDEN {
            assert_eq!(schema["properties"].get(member), None, "{method} {path}: {member}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_member_query_or_header_sets_what_only_the_house_decides() {
    let world = World::new().await;
    let user = Somebody::new(&world, "user").await;
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
        let path = format!("{path}?role=admin&status=active&email_verified=true&version=99");
        let request = world.request(method.clone(), &path).bearer_auth(&user.token);
        let request = request.header("x-role", "admin").header("x-user-id", "1").json(good);
        let reply = world.send(request).await;
        assert!(reply.status.is_success(), "{path}: {}", reply.text);
    }

    let after = world.me(&user.token).await.json();
    for member in ["id", "email", "email_verified", "role", "status", "avatar", "created_at"] {
        assert_eq!(after[member], before[member], "{member}");
    }
    assert_eq!(world.count("users where role = 'admin'").await, 1, "root");
    let unproven = "users where email = 'eve@example.org' and email_verified_at is null";
    assert_eq!(world.count(unproven).await, 1);
    assert_eq!(world.count("users where version > 4").await, 0);
}
