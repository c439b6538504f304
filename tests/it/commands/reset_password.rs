use keyward_tests::World;
use serde_json::json;

const FRESH: &str = "a fresh passphrase it is";

#[tokio::test(flavor = "multi_thread")]
async fn weak_password_reveals_nothing_about_an_invalid_link() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;
    world.confirm_reset(&token, FRESH).await.expect(204);

    let reply = world.confirm_reset(&token, "short").await;

    reply.expect_problem(400, "link_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_verifies_the_address_and_revokes_its_verification_link() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let verification = world.link_token(&ada.email, "/verify-email").await;
    let token = world.reset_token(&ada.email).await;

    world.confirm_reset(&token, FRESH).await.expect(204);

    let me = world.me(&world.log_in(&ada.with_password(FRESH)).await.access).await.json();
    assert_eq!((&me["email_verified"], &me["version"]), (&json!(true), &json!(3)));
    let reply = world.confirm_email(&verification).await;
    reply.expect_problem(400, "link_invalid");
    assert!(world.settle().await.contains(&"user.email_verified".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn login_racing_a_reset_leaves_no_old_session() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;
    let logins = (0..10).map(|_| world.try_log_in(&ada));

    let (reset, logins) = futures_util::future::join(
        world.confirm_reset(&token, FRESH),
        futures_util::future::join_all(logins),
    )
    .await;

    reset.expect(204);
    for login in logins.iter().filter(|login| login.status == 201) {
        let refresh = keyward_tests::Tokens::of(login).refresh;
        world.refresh(&refresh).await.expect_problem(401, "session_ended");
    }
    assert_eq!(world.count("sessions where ended_at is null").await, 0);
}
