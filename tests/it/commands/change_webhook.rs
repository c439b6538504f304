use keyward_tests::{Endpoint, World};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn omitted_members_stay_and_no_change_emits_no_event() {
    let (world, root) = World::with_webhooks().await;
    let webhook = world.webhook(&root, "https://example.org/a", &["user.deleted"]).await;
    let path = format!("/v1/webhooks/{}", webhook.id);

    let changed = world.patch_as(&root, &path, json!({"description": "CRM"})).await.expect(200);
    world.patch_as(&root, &path, json!({"description": "CRM", "enabled": true})).await.expect(200);
    world.patch_as(&root, &path, json!({})).await.expect(200);

    let changed = changed.json();
    assert_eq!(changed["url"], "https://example.org/a");
    assert_eq!(changed["types"], json!(["user.deleted"]));
    assert_eq!(changed["description"], "CRM");
    let events = world.envelopes("webhook.changed").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["data"]["actor_id"], json!(world.user_id("root@example.org").await));
    let bad = json!({"url": "https://[::1]/", "types": ["nope"]});
    let reply = world.patch_as(&root, &path, bad).await.expect_problem(422, "invalid");
    assert_eq!(reply.json()["errors"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_endpoint_receives_nothing() {
    let (world, root) = World::with_webhooks().await;
    let endpoint = Endpoint::start().await;
    let webhook = world.webhook(&root, &endpoint.url(), &["user.registered"]).await;
    let path = format!("/v1/webhooks/{}", webhook.id);

    let disabled = world.patch_as(&root, &path, json!({"enabled": false})).await.expect(200).json();
    world.register("ada").await;
    world.settle().await;
    let enabled = world.patch_as(&root, &path, json!({"enabled": true})).await.expect(200).json();
    world.register("grace").await;

    assert_eq!(
        (&disabled["enabled"], &disabled["disabled_reason"]),
        (&json!(false), &json!("by_admin"))
    );
    assert!(disabled["disabled_at"].is_string());
    assert_eq!((&enabled["enabled"], &enabled["disabled_reason"]), (&json!(true), &Value::Null));
    let grace = world.user_id("grace@example.org").await;
    assert_eq!(endpoint.nth(1).await.json()["data"]["user_id"], json!(grace));
    world.settle().await;
    assert_eq!(endpoint.got().len(), 1);
}
