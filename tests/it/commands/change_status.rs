use keyward_tests::World;
use serde_json::{Value, json};

fn status(status: &str) -> Value {
    json!({"status": status, "reason": "sends spam to bob@example.org"})
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_ends_access_immediately() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let ada_id = world.user_id(&ada.email).await;
    let tokens = world.log_in(&ada).await;
    world.me(&tokens.access).await.expect(200);

    let path = format!("/v1/users/{ada_id}/status");
    let reply = world.put_if(&root, &path, "\"2\"", status("disabled")).await.expect(200);

    assert_eq!((&reply.json()["status"], reply.header("etag")), (&json!("disabled"), "\"3\""));
    world.me(&tokens.access).await.expect_problem(401, "session_ended");
    world.refresh(&tokens.refresh).await.expect_problem(401, "session_ended");
    world.try_log_in(&ada).await.expect_problem(401, "bad_credentials");
    assert_eq!(world.count("sessions where ended_reason = 'disabled'").await, 1);
    let event = world.envelopes("user.disabled").await.remove(0);
    let root_id = world.user_id("root@example.org").await;
    assert_eq!(event["data"], json!({"user_id": ada_id, "version": 3, "actor_id": root_id}));
    assert!(!event.to_string().contains("spam"), "the reason is personal data");
}

#[tokio::test(flavor = "multi_thread")]
async fn enabling_does_not_restore_sessions_or_links() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let path = format!("/v1/users/{}/status", world.user_id(&ada.email).await);
    let tokens = world.log_in(&ada).await;
    let link = world.reset_token(&ada.email).await;

    world.put_if(&root, &path, "*", status("disabled")).await.expect(200);
    let reply = world.put_if(&root, &path, "*", json!({"status": "active"})).await.expect(200);

    assert_eq!(reply.json()["status"], "active");
    world.me(&tokens.access).await.expect_problem(401, "session_ended");
    world.refresh(&tokens.refresh).await.expect_problem(401, "session_ended");
    world
        .confirm_reset(&link, "an entirely new passphrase")
        .await
        .expect_problem(400, "link_invalid");
    let fresh = world.log_in(&ada).await;
    world.me(&fresh.access).await.expect(200);
    assert_eq!(world.envelopes("user.enabled").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn change_requires_the_current_version() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let path = format!("/v1/users/{}/status", world.user_id(&ada.email).await);

    let request = world.request(reqwest::Method::PUT, &path).bearer_auth(&root);
    let reply = world.send(request.json(&status("disabled"))).await;
    reply.expect_problem(428, "if_match_required");
    let reply = world.put_if(&root, &path, "\"1\"", status("disabled")).await;
    reply.expect_problem(412, "version_mismatch");

    let unchanged = world.put_if(&root, &path, "\"2\"", status("active")).await.expect(200);
    assert_eq!(unchanged.json()["version"], 2, "the account is already active");
    assert_eq!(world.count("status_changes").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_status_or_reason_is_rejected() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let path = format!("/v1/users/{}/status", world.user_id(&ada.email).await);

    for (body, pointer) in [
        (json!({"status": "deleted"}), "/status"),
        (json!({}), "/status"),
        (json!({"status": "disabled", "reason": "a\u{0}b"}), "/reason"),
        (json!({"status": "disabled", "reason": "x".repeat(501)}), "/reason"),
        (json!({"status": "disabled", "role": "admin"}), "/role"),
    ] {
        world.put_if(&root, &path, "*", body).await.expect_invalid(pointer);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn last_administrator_cannot_be_disabled() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let path = format!("/v1/users/{}/status", world.user_id("root@example.org").await);

    let reply = world.put_if(&root, &path, "*", status("disabled")).await;

    reply.expect_problem(409, "last_admin");
    world.get_as(&root, "/v1/users").await.expect(200);
    assert_eq!(world.count("status_changes").await, 0);
    let other = world.administrator("other").await;
    world.put_if(&other, &path, "*", status("disabled")).await.expect(200);
    world.get_as(&root, "/v1/users").await.expect_problem(401, "session_ended");
}
