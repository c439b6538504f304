use keyward_tests::World;
use uuid::Uuid;

const CURRENT: &str = "/v1/sessions/current";

#[tokio::test(flavor = "multi_thread")]
async fn logout_ends_the_session_with_one_event() {
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
