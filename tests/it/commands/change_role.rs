use keyward_tests::World;
use serde_json::json;

fn role(role: &str) -> serde_json::Value {
    json!({"role": role})
}

#[tokio::test(flavor = "multi_thread")]
async fn role_applies_immediately_and_its_event_names_the_actor() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let (root_id, ada_id) =
        (world.user_id("root@example.org").await, world.user_id(&ada.email).await);
    let token = world.log_in(&ada).await.access;
    let path = format!("/v1/users/{ada_id}");
    world.get_as(&token, &path).await.expect_problem(403, "forbidden");

    let found = world.get_as(&root, &path).await.expect(200);
    let reply = world
        .put_if(&root, &format!("{path}/role"), found.header("etag"), role("admin"))
        .await
        .expect(200);

    let mut expected = found.json();
    expected["role"] = json!("admin");
    expected["version"] = json!(found.json()["version"].as_i64().unwrap() + 1);
    assert_eq!(reply.json(), expected);
    assert_eq!(reply.header("etag"), format!("\"{}\"", expected["version"]));
    assert_eq!(world.me(&token).await.json(), expected);
    world.get_as(&token, &path).await.expect(200);
    let event = world.envelopes("user.role_changed").await.remove(0);
    assert_eq!(
        event["data"],
        json!({"user_id": ada_id, "version": expected["version"], "actor_id": root_id,
               "role": "admin"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn change_requires_the_current_version() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let path = format!("/v1/users/{}/role", world.user_id(&ada.email).await);

    let request = world.request(reqwest::Method::PUT, &path).bearer_auth(&root);
    let reply = world.send(request.json(&role("admin"))).await;
    reply.expect_problem(428, "if_match_required");
    for outdated in ["\"1\"", "W/\"2\"", "\"3\"", "2", "\"\"", "\"x\""] {
        let reply = world.put_if(&root, &path, outdated, role("admin")).await;
        reply.expect_problem(412, "version_mismatch");
    }
    world.put_if(&root, &path, "\"1\", \"2\"", role("admin")).await.expect(200);
    world.put_if(&root, &path, "\"2\"", role("user")).await.expect_problem(412, "version_mismatch");
    world.put_if(&root, &path, "*", role("user")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn unchanged_role_succeeds_without_an_event() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let path = format!("/v1/users/{}/role", world.user_id(&ada.email).await);

    let reply = world.put_if(&root, &path, "\"2\"", role("user")).await.expect(200);

    assert_eq!(reply.json()["version"], 2);
    assert_eq!(world.envelopes("user.role_changed").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn unverified_user_cannot_become_an_administrator() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.register("ada").await);
    let path = format!("/v1/users/{}/role", world.user_id(&ada.email).await);

    let reply = world.put_if(&root, &path, "*", role("admin")).await;

    reply.expect_problem(409, "user_unverified");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_role_is_rejected() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let path = format!("/v1/users/{}/role", world.user_id(&ada.email).await);

    for body in [json!({}), role("root"), role("Admin"), json!({"role": 1}), json!({"role": null})]
    {
        world.put_if(&root, &path, "*", body).await.expect_invalid("/role");
    }
}
