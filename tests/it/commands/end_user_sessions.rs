use keyward_tests::World;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn administrator_ends_every_session_of_a_user() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let ada_id = world.user_id(&ada.email).await;
    let sessions = [world.log_in(&ada).await, world.log_in(&ada).await];
    world.me(&sessions[0].access).await.expect(200);

    world.delete_as(&root, &format!("/v1/users/{ada_id}/sessions")).await.expect(204);

    for session in sessions {
        world.me(&session.access).await.expect_problem(401, "session_ended");
        world.refresh(&session.refresh).await.expect_problem(401, "session_ended");
    }
    assert_eq!(world.count("sessions where ended_reason = 'ended_by_admin'").await, 2);
    let event = world.envelopes("user.sessions_ended").await.remove(0);
    let root_id = world.user_id("root@example.org").await;
    assert_eq!(event["data"], json!({"user_id": ada_id, "version": 2, "actor_id": root_id}));
    world.get_as(&root, "/v1/users").await.expect(200);
    world.log_in(&ada).await;
}
