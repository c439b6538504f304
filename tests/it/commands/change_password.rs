use keyward_tests::World;

const PASSWORD: &str = "a garden full of thyme";

#[tokio::test(flavor = "multi_thread")]
async fn change_ends_other_sessions_and_notifies_the_owner() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let (here, there) = (world.log_in(&ada).await, world.log_in(&ada).await);

    world.change_password(&here.access, &ada.password, PASSWORD).await.expect(204);

    world.me(&here.access).await.expect(200);
    world.me(&there.access).await.expect_problem(401, "session_ended");
    world.refresh(&there.refresh).await.expect_problem(401, "session_ended");
    world.try_log_in(&ada).await.expect_problem(401, "bad_credentials");
    world.log_in(&ada.with_password(PASSWORD)).await;
    world.nth_mail(&ada.email, "Your Keyward password was changed", 1).await;
    let ended = world.envelopes("session.ended").await;
    assert_eq!((ended.len(), &ended[0]["data"]["reason"]), (1, &"password_changed".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_current_password_changes_nothing() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let tokens = world.log_in(&ada).await;

    let refused = world.change_password(&tokens.access, "not my old passphrase", PASSWORD).await;

    refused.expect_problem(403, "wrong_password");
    world.log_in(&ada).await;
    assert_eq!(world.envelopes("user.password_changed").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn weak_password_is_rejected_before_the_current_one_is_checked() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let tokens = world.log_in(&ada).await;

    for (weak, code) in [
        ("short", "too_short"),
        ("ada@example.org ada", "too_guessable"),
        ("Pa$$word-Pa$$word", "too_common"),
    ] {
        let refused =
            world.change_password(&tokens.access, "not my old passphrase", weak).await.expect(422);
        assert_eq!(refused.json()["errors"][0]["pointer"], "/password", "{weak}");
        assert_eq!(refused.json()["errors"][0]["code"], code, "{weak}");
    }
    world.log_in(&ada).await;
}
