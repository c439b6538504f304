use keyward_tests::World;
use serde_json::json;

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
    let confirm =
        async |token: &str| world.confirm_reset(token, "an entirely new passphrase").await;
    confirm(&older).await.expect_problem(400, "link_invalid");
    confirm(&newer).await.expect(204);
    let event = world.envelopes("user.password_reset_forced").await.remove(0);
    assert_eq!(event["data"]["user_id"], json!(ada_id));
    assert_eq!(event["data"]["actor_id"], json!(world.user_id("root@example.org").await));
    assert_eq!(world.count("sessions where ended_reason = 'password_reset_forced'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_account_gets_no_link() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let path = format!("/v1/users/{}/password-resets", world.user_id(&ada.email).await);
    world.disable(&ada).await;

    world.post_as(&root, &path).await.expect_problem(409, "user_disabled");

    assert_eq!(world.count("mails where kind = 'password_reset_forced'").await, 0);
}
