use keyward_tests::World;

const CURRENT: &str = "/v1/sessions/current";

#[tokio::test(flavor = "multi_thread")]
async fn logout_rejects_both_tokens_on_the_next_request() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let tokens = world.log_in(&ada).await;
    world.me(&tokens.access).await.expect(200);

    let reply = world.delete_as(&tokens.access, CURRENT).await.expect(204);

    assert_eq!(reply.text, "");
    let refused = world.me(&tokens.access).await.expect_problem(401, "session_ended");
    assert_eq!(refused.header("www-authenticate"), "Bearer error=\"invalid_token\"");
    world.refresh(&tokens.refresh).await.expect_problem(401, "session_ended");
    let again = world.delete_as(&tokens.access, CURRENT).await;
    again.expect_problem(401, "session_ended");
    assert_eq!(world.settle().await.last().unwrap(), "session.ended");
    let ended = world.envelopes("session.ended").await;
    assert_eq!((ended.len(), &ended[0]["data"]["reason"]), (1, &"logged_out".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn logout_affects_no_other_session() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.account("bobby").await);
    let ended = world.log_in(&ada).await;
    let (other, bobs) = (world.log_in(&ada).await, world.log_in(&bob).await);

    world.delete_as(&ended.access, CURRENT).await.expect(204);

    for alive in [other, bobs] {
        world.me(&alive.access).await.expect(200);
        world.refresh(&alive.refresh).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logout_requires_a_token() {
    let world = World::new().await;

    let reply = world.send(world.request(reqwest::Method::DELETE, CURRENT)).await;

    reply.expect_problem(401, "token_missing");
}
