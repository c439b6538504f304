use keyward_tests::World;

#[tokio::test(flavor = "multi_thread")]
async fn revoked_token_leaves_the_list_and_is_listed_as_revoked() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let made = world.service_token(&root, &["events:read"]).await;
    let kept = world.service_token(&root, &["events:read"]).await;

    world.revoke_service_token(&root, &made.id).await.expect(204);

    let ids = async |query: &str| {
        let page = world.get_as(&root, &format!("/v1/service-tokens{query}")).await.expect(200);
        page.items().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, [&*kept.id]);
    assert_eq!(ids("?state=revoked").await, [&*made.id]);
    for again in [
        world.revoke_service_token(&root, &made.id).await,
        world.post_as(&root, &format!("/v1/service-tokens/{}/rotate", made.id)).await,
    ] {
        again.expect_problem(404, "service_token_not_found");
    }
    let [event] = &world.envelopes("service_token.revoked").await[..] else { panic!() };
    assert_eq!(event["data"]["service_token_id"], made.id);
    world.settle().await;
}
