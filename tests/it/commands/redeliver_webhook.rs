use keyward_tests::{Endpoint, World};
use serde_json::json;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn redelivery_repeats_the_event_with_the_same_id() {
    let (world, root) = World::with_webhooks().await;
    let endpoint = Endpoint::start().await;
    let webhook = world.webhook(&root, &endpoint.url(), &["user.registered"]).await;
    world.register("ada").await;
    let delivery = world.delivery_in(&root, &webhook, "delivered", 1).await;
    let id = delivery["id"].as_str().unwrap();
    let path = format!("/v1/webhooks/{}/deliveries/{id}/redeliver", webhook.id);

    let reply = world.post_as(&root, &path).await.expect(202);

    assert_eq!(reply.json(), json!({"status": "delivery_planned"}));
    let (first, again) = (endpoint.nth(1).await, endpoint.nth(2).await);
    assert_eq!(again.body, first.body);
    assert_eq!(again.headers["webhook-id"], first.headers["webhook-id"]);
    world.settle().await;
    assert_eq!(world.deliveries(&root, &webhook).await.len(), 1);
    let event = world.envelopes("webhook.redelivery_requested").await.remove(0);
    assert_eq!((&event["data"]["delivery_id"], &event["data"]["round"]), (&json!(id), &json!(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn redelivery_replaces_a_scheduled_attempt() {
    let (world, root) = World::with_webhooks().await;
    let endpoint = Endpoint::start().await;
    let webhook = world.webhook(&root, &endpoint.url(), &["user.registered"]).await;
    endpoint.answers("503 Later");
    world.register("ada").await;
    let delivery = world.delivery_in(&root, &webhook, "pending", 1).await;
    let id = delivery["id"].as_str().unwrap();

    let path = format!("/v1/webhooks/{}/deliveries/{id}/redeliver", webhook.id);
    world.post_as(&root, &path).await.expect(202);

    world.delivery_in(&root, &webhook, "delivered", 1).await;
    world.retry_now().await;
    world.settle().await;
    assert_eq!(endpoint.got().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn delivery_of_another_endpoint_is_not_found() {
    let (world, root) = World::with_webhooks().await;
    let endpoint = Endpoint::start().await;
    let webhook = world.webhook(&root, &endpoint.url(), &["user.registered"]).await;
    let other = world.webhook(&root, "https://example.org/", &["user.deleted"]).await;
    world.register("ada").await;
    let delivery = world.delivery_in(&root, &webhook, "delivered", 1).await;
    let id = delivery["id"].as_str().unwrap();
    let nothing = Uuid::now_v7();

    for (webhook, delivery, code) in [
        (&other.id, id, "delivery_not_found"),
        (&webhook.id, &nothing.to_string(), "delivery_not_found"),
        (&nothing.to_string(), id, "webhook_not_found"),
    ] {
        let path = format!("/v1/webhooks/{webhook}/deliveries/{delivery}/redeliver");
        world.post_as(&root, &path).await.expect_problem(404, code);
    }
    let path = format!("/v1/webhooks/{}", webhook.id);
    world.patch_as(&root, &path, json!({"enabled": false})).await.expect(200);
    let reply = world.post_as(&root, &format!("{path}/deliveries/{id}/redeliver")).await;
    reply.expect_problem(409, "webhook_disabled");
    world.settle().await;
    assert_eq!(endpoint.got().len(), 1);
}
