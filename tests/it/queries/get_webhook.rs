use keyward_tests::World;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn endpoint_is_found_by_its_id() {
    let (world, root) = World::with_webhooks().await;
    let webhook = world.webhook(&root, "https://example.org/hooks", &["user.deleted"]).await;

    let found = world.get_as(&root, &format!("/v1/webhooks/{}", webhook.id)).await.expect(200);

    assert_eq!(found.json()["url"], "https://example.org/hooks");
    let nowhere = format!("/v1/webhooks/{}", Uuid::now_v7());
    world.get_as(&root, &nowhere).await.expect_problem(404, "webhook_not_found");
    let user = world.account("user").await;
    let token = world.log_in(&user).await.access;
    let reply = world.get_as(&token, &format!("/v1/webhooks/{}", webhook.id)).await;
    reply.expect_problem(403, "forbidden");
}
