use keyward_tests::World;

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
        world.rename(&other.access, "Eve").await.expect_problem(401, "session_ended");
        world.refresh(&other.refresh).await.expect_problem(401, "session_ended");
    }
    for kept in [here, bobs] {
        world.me(&kept.access).await.expect(200);
        world.refresh(&kept.refresh).await.expect(200);
    }
}
