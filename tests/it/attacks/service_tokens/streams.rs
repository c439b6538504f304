use keyward_tests::{Follower, Options, World};

/// A world without a worker, an administrator, and a service token that may follow the revocations.
async fn world() -> (World, String, keyward_tests::ServiceToken) {
    let world = World::with(Options::default().without_worker()).await;
    let root = world.administrator_without_mail("root").await;
    let service = world.service_token(&root, &["revocations:read"]).await;
    (world, root, service)
}

async fn log_out(world: &World) {
    let root = world.log_in_again("root").await;
    world.log_out(&root).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_of_a_revoked_service_token_delivers_nothing_more() {
    let (world, root, service) = world().await;
    let other = world.service_token(&root, &["revocations:read"]).await;
    let mut follower = Follower::new(&world.url, &service.token, None).connected().await;
    let mut others = Follower::new(&world.url, &other.token, None).connected().await;
    log_out(&world).await;
    follower.take(1).await;

    world.revoke_service_token(&root, &service.id).await.expect(204);
    log_out(&world).await;

    assert_eq!(follower.next().await, None);
    others.take(2).await;
    follower.connect().await.unwrap().unwrap().expect_problem(401, "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_of_a_replaced_secret_ends() {
    let (world, root, service) = world().await;
    let mut follower = Follower::new(&world.url, &service.token, None).connected().await;

    let next = world.rotate_service_token(&root, &service.id, "?overlap_seconds=60").await;
    log_out(&world).await;
    follower.take(1).await;
    world.rotate_service_token(&root, &service.id, "?overlap_seconds=0").await;

    assert_eq!(follower.next().await, None);
    assert_ne!(next, service.token);
}

#[tokio::test(flavor = "multi_thread")]
async fn service_token_has_a_bounded_number_of_streams() {
    let (world, root, service) = world().await;
    let other = world.service_token(&root, &["revocations:read"]).await.token;
    let mut followers = Vec::new();
    for _ in 0..10 {
        followers.push(Follower::new(&world.url, &service.token, None).connected().await);
    }

    let mut one_more = Follower::new(&world.url, &service.token, None);
    let refused = one_more.connect().await.unwrap().unwrap().expect_problem(503, "busy");

    assert_eq!(refused.header("retry-after"), "5");
    let _other = Follower::new(&world.url, &other, None).connected().await;
    followers.pop();
    keyward_tests::until("a place is free", async || {
        one_more.connect().await.unwrap().is_none().then_some(())
    })
    .await;
}
