use keyward_tests::{Endpoint, World};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn ping_reaches_only_its_endpoint_regardless_of_types() {
    let (world, root) = World::with_webhooks().await;
    let (one, other) = (Endpoint::start().await, Endpoint::start().await);
    world.webhook(&root, &other.url(), &["webhook.ping", "user.deleted"]).await;
    let webhook = world.webhook(&root, &one.url(), &["user.deleted"]).await;
    let path = format!("/v1/webhooks/{}/ping", webhook.id);

    let reply = world.post_as(&root, &path).await.expect(202);

    assert_eq!(reply.json(), json!({"status": "delivery_planned"}));
    let got = one.nth(1).await;
    assert_eq!(got.kind(), "webhook.ping");
    assert_eq!(got.json()["data"]["webhook_id"], webhook.id);
    world.settle().await;
    assert_eq!((one.got().len(), other.got().len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_endpoint_is_a_conflict() {
    let (world, root) = World::with_webhooks().await;
    let webhook = world.webhook(&root, "https://example.org/", &["user.deleted"]).await;
    let path = format!("/v1/webhooks/{}", webhook.id);
    world.patch_as(&root, &path, json!({"enabled": false})).await.expect(200);

    let reply = world.post_as(&root, &format!("{path}/ping")).await;

    reply.expect_problem(409, "webhook_disabled");
    assert_eq!(world.envelopes("webhook.ping").await.len(), 0);
}
