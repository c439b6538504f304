use keyward_tests::World;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn created_token_is_shown_once_and_lists_its_use() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let root_id = world.user_id("root@example.org").await.to_string();
    let body = json!({"name": " CRM ", "scopes": ["users:read", "events:read", "users:read"]});

    let reply = world.post_json_as(&root, "/v1/service-tokens", body).await.expect(201);

    let created = reply.json();
    let (id, token) = (created["id"].as_str().unwrap(), created["token"].as_str().unwrap());
    assert_eq!(reply.header("location"), format!("/v1/service-tokens/{id}"));
    assert_eq!(reply.header("cache-control"), "no-store");
    assert!(token.starts_with("kws_") && token.len() == 90, "{token}");
    let listed = world.listed_service_token(&root, id).await;
    assert_eq!(listed["name"], "CRM");
    assert_eq!(listed["scopes"], json!(["events:read", "users:read"]));
    assert_eq!(listed["created_by"], root_id);
    for absent in ["last_used_at", "last_used_network", "expires_at", "rotated_at", "revoked_at"] {
        assert_eq!(listed[absent], json!(null), "{absent}");
    }
    world.get_as(token, "/v1/users").await.expect(200);
    let listed = world.listed_service_token(&root, id).await;
    assert!(listed["last_used_at"].is_string(), "{listed}");
    assert_eq!(listed["last_used_network"], "127.0.0.1/32");
    assert!(!world.get_as(&root, "/v1/service-tokens").await.text.contains(&token[10..]));
    let [event] = &world.envelopes("service_token.created").await[..] else { panic!() };
    assert_eq!(event["data"], json!({"service_token_id": id, "actor_id": root_id}));
    world.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn flaws_of_every_member_are_reported() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let post = async |body| world.post_json_as(&root, "/v1/service-tokens", body).await;
    let past = "2020-01-01T00:00:00Z";

    let body =
        json!({"name": "", "scopes": ["users:*"], "expires_at": "tomorrow", "role": "admin"});
    let reply = post(body).await.expect(422).json();

    let pointers = reply["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]);
    let mut pointers: Vec<_> = pointers.map(|pointer| pointer.as_str().unwrap()).collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/expires_at", "/name", "/role", "/scopes"]);
    post(json!({"name": "CRM", "scopes": []})).await.expect_invalid("/scopes");
    let late = json!({"name": "CRM", "scopes": ["users:read"], "expires_at": past});
    post(late).await.expect_invalid("/expires_at");
    assert_eq!(world.count("service_tokens").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn use_is_recorded_at_most_once_a_minute() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let made = world.service_token(&root, &["events:read"]).await;
    let last_use = async || {
        world.get_as(&made.token, "/v1/events").await.expect(200);
        world.listed_service_token(&root, &made.id).await["last_used_at"].clone()
    };

    let first = last_use().await;
    let again = last_use().await;
    world.clock.advance(std::time::Duration::from_secs(60));
    let later = last_use().await;

    assert_eq!(first, again);
    assert_ne!(first, later);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_name_the_service_token_that_acted() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let made = world.service_token(&root, &["users:write", "webhooks:write"]).await;
    world.account("ada").await;
    let path = format!("/v1/users/{}", world.user_id("ada@example.org").await);

    let status = format!("{path}/status");
    world.put_if(&made.token, &status, "*", json!({"status": "disabled"})).await.expect(200);
    world.put_if(&made.token, &status, "*", json!({"status": "active"})).await.expect(200);
    let role = format!("{path}/role");
    world.put_if(&made.token, &role, "*", json!({"role": "admin"})).await.expect(200);
    world.webhook(&made.token, "https://example.org/", &["avatar.removed"]).await;
    world.invite(&made.token, "grace@example.org", "user").await;
    world.delete_as(&made.token, &path).await.expect(204);

    for subject in [
        "user.disabled",
        "user.enabled",
        "user.role_changed",
        "webhook.created",
        "user.deleted",
        "user.invited",
    ] {
        let event = world.envelopes(subject).await.pop().unwrap();
        assert_eq!(event["data"]["actor_id"], made.id, "{subject}");
    }
    world.settle().await;
}
