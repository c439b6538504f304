use keyward_tests::{Endpoint, World};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn deleted_endpoint_receives_nothing_and_others_see_the_event() {
    let (world, root) = World::with_webhooks().await;
    let (gone, stays) = (Endpoint::start().await, Endpoint::start().await);
    let webhook = world.webhook(&root, &gone.url(), &["user.registered"]).await;
    world.webhook(&root, &stays.url(), &["user.registered", "webhook.deleted"]).await;
    gone.answers("500 No");
    world.register("ada").await;
    world.delivery_in(&root, &webhook, "pending", 1).await;
    let path = format!("/v1/webhooks/{}", webhook.id);

    world.delete_as(&root, &path).await.expect(204);

    world.retry_now().await;
    world.register("grace").await;
    assert_eq!(stays.nth(2).await.kind(), "webhook.deleted");
    assert_eq!(stays.nth(3).await.kind(), "user.registered");
    world.settle().await;
    assert_eq!(gone.got().len(), 1, "the attempt before the deletion");
    assert_eq!(world.count("webhook_deliveries").await, 3);
    let event = world.envelopes("webhook.deleted").await.remove(0);
    assert_eq!(event["data"]["actor_id"], json!(world.user_id("root@example.org").await));
    world.get_as(&root, &path).await.expect_problem(404, "webhook_not_found");
    world.delete_as(&root, &path).await.expect_problem(404, "webhook_not_found");
}
