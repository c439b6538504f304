use keyward_tests::World;
use serde_json::json;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn forced_reset_ends_password_and_sessions_and_emails_a_link() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let ada_id = world.user_id(&ada.email).await;
    let tokens = world.log_in(&ada).await;
    let older = world.reset_token(&ada.email).await;

    let path = format!("/v1/users/{ada_id}/password-resets");
    let reply = world.post_as(&root, &path).await.expect(202);

    assert_eq!(reply.json(), json!({"status": "mail_planned"}));
    world.me(&tokens.access).await.expect_problem(401, "session_ended");
    world.refresh(&tokens.refresh).await.expect_problem(401, "session_ended");
    world.try_log_in(&ada).await.expect_problem(401, "bad_credentials");
    world.nth_mail(&ada.email, "Choose a new Keyward password", 1).await;
    let newer = world.link_token(&ada.email, "/reset-password").await;
    let confirm = async |token: &str| {
        let body = json!({"token": token, "password": "an entirely new passphrase"});
        world.post("/v1/password-resets/confirm", body).await
    };
    confirm(&older).await.expect_problem(400, "link_invalid");
    confirm(&newer).await.expect(204);
    let event = world.envelopes("user.password_reset_forced").await.remove(0);
    assert_eq!(event["data"]["user_id"], json!(ada_id));
    assert_eq!(event["data"]["actor_id"], json!(world.user_id("root@example.org").await));
    assert_eq!(world.count("sessions where ended_reason = 'password_reset_forced'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_and_unknown_accounts_get_no_link() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let path = |id: &str| format!("/v1/users/{id}/password-resets");
    world.disable(&ada).await;

    let ada_id = world.user_id(&ada.email).await.to_string();
    world.post_as(&root, &path(&ada_id)).await.expect_problem(409, "user_disabled");
    let missing = Uuid::now_v7().to_string();
    world.post_as(&root, &path(&missing)).await.expect_problem(404, "user_not_found");

    assert_eq!(world.count("mails where kind = 'password_reset_forced'").await, 0);
}
