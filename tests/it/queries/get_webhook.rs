use keyward_tests::World;

#[tokio::test(flavor = "multi_thread")]
async fn endpoint_is_found_by_its_id() {
    let (world, root) = World::with_webhooks().await;
    let webhook = world.webhook(&root, "https://example.org/hooks", &["user.deleted"]).await;

    let found = world.get_as(&root, &format!("/v1/webhooks/{}", webhook.id)).await.expect(200);

    assert_eq!(found.json()["url"], "https://example.org/hooks");
}
