use keyward_tests::World;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn administrator_sees_sessions_as_their_owner_does() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let gone = world.log_in(&ada).await;
    world.delete_as(&gone.access, "/v1/sessions/current").await.expect(204);
    let here = world.log_in(&ada).await;
    let path = format!("/v1/users/{}/sessions", world.user_id(&ada.email).await);

    let mut as_owner = world.get_as(&here.access, "/v1/sessions").await.expect(200).json();
    let active = world.get_as(&root, &path).await.expect(200).json();
    let ended = world.get_as(&root, &format!("{path}?state=ended")).await.expect(200).json();

    as_owner["items"][0]["current"] = json!(false);
    assert_eq!(active, as_owner);
    let ended = ended["items"].as_array().unwrap();
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0]["id"], gone.session_id.to_string());
    assert_eq!(ended[0]["ended_reason"], "logged_out");
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_own_session_is_marked() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let path = format!("/v1/users/{}/sessions", world.user_id("root@example.org").await);

    let sessions = world.get_as(&root, &path).await.expect(200).json();

    let current: Vec<&Value> =
        sessions["items"].as_array().unwrap().iter().map(|session| &session["current"]).collect();
    assert_eq!(current, [true]);
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
    let next = first.header("link").split(['<', '>']).nth(1).unwrap().to_owned();
    let second = world.get_as(&root, &next).await.expect(200).json();

    assert_eq!(second["items"].as_array().unwrap().len(), 1, "{next}");
    assert_eq!(second["items"][0]["ended_reason"], "ended_by_admin");
    let unknown = format!("/v1/users/{}/sessions", uuid::Uuid::new_v4());
    world.get_as(&root, &unknown).await.expect_problem(404, "user_not_found");
}
