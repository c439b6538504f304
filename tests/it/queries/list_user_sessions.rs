use keyward_tests::World;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn administrator_sees_sessions_as_their_owner_does() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let gone = world.log_in(&ada).await;
    world.log_out(&gone.access).await.expect(204);
    let here = world.log_in(&ada).await;
    let path = format!("/v1/users/{}/sessions", world.user_id(&ada.email).await);

    let mut as_owner = world.get_as(&here.access, "/v1/sessions").await.expect(200).json();
    let active = world.get_as(&root, &path).await.expect(200).json();
    let ended = world.get_as(&root, &format!("{path}?state=ended")).await.expect(200).items();

    as_owner["items"][0]["current"] = json!(false);
    assert_eq!(active, as_owner);
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0]["id"], gone.session_id.to_string());
    assert_eq!(ended[0]["ended_reason"], "logged_out");
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_own_session_is_marked() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let path = format!("/v1/users/{}/sessions", world.user_id("root@example.org").await);

    let sessions = world.get_as(&root, &path).await.expect(200).items();

    assert_eq!(sessions.len(), 1);
    assert_eq!(sessions[0]["current"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_users_ended_sessions_keep_their_filter() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    for _ in 0..3 {
        world.log_in(&ada).await;
    }
    let path = format!("/v1/users/{}/sessions", world.user_id(&ada.email).await);
    world.delete_as(&root, &path).await.expect(204);

    let first = world.get_as(&root, &format!("{path}?state=ended&limit=2")).await.expect(200);
    let second = world.get_as(&root, first.next_page()).await.expect(200).items();

    assert_eq!(second.len(), 1, "{}", first.next_page());
    assert_eq!(second[0]["ended_reason"], "ended_by_admin");
}
