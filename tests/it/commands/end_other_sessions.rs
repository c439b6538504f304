use keyward_tests::World;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn every_session_but_the_current_one_ends() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.account("bobby").await);
    let here = world.log_in(&ada).await;
    let others = [world.log_in(&ada).await, world.log_in(&ada).await];
    let bobs = world.log_in(&bob).await;
    world.me(&others[0].access).await.expect(200);

    world.delete_as(&here.access, "/v1/sessions").await.expect(204);

    for other in others {
        world.me(&other.access).await.expect_problem(401, "session_ended");
        world.refresh(&other.refresh).await.expect_problem(401, "session_ended");
    }
    world.me(&here.access).await.expect(200);
    world.me(&bobs.access).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_ends_another() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let (here, there) = (world.log_in(&ada).await, world.log_in(&ada).await);
    let path = format!("/v1/sessions/{}", there.session_id);

    world.delete_as(&here.access, &path).await.expect(204);

    world.me(&there.access).await.expect_problem(401, "session_ended");
    world.me(&here.access).await.expect(200);
    world.delete_as(&here.access, &path).await.expect(204);
    assert_eq!(world.envelopes("session.ended").await.len(), 1, "a second request emits no event");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_users_sessions_are_not_found() {
    let world = World::new().await;
    let (ada, bob) = (world.account("ada").await, world.account("bobby").await);
    let (mine, theirs) = (world.log_in(&ada).await, world.log_in(&bob).await);

    for id in [theirs.session_id, Uuid::new_v4()] {
        let refused = world.delete_as(&mine.access, &format!("/v1/sessions/{id}")).await;
        refused.expect_problem(404, "session_not_found");
    }

    world.me(&theirs.access).await.expect(200);
}
