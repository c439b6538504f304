use keyward_tests::{Account, PASSWORD, World};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn link_verifies_the_address_and_works_once() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let token = world.link_token(&ada.email, "/verify-email").await;

    let first = world.confirm_email(&token).await.expect(204);
    let second = world.confirm_email(&token).await;

    assert_eq!(first.text, "");
    second.expect_problem(400, "link_invalid");
    let me = world.me(&world.log_in(&ada).await.access).await.json();
    assert_eq!((&me["email_verified"], &me["version"]), (&json!(true), &json!(2)));
    assert_eq!(world.settle().await, ["user.registered", "user.email_verified", "session.started"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn password_of_the_confirmation_replaces_the_registered_one() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let token = world.link_token(&ada.email, "/verify-email").await;

    world.confirm_email_with(&token, "short").await.expect_invalid("/password");
    world.confirm_email_with(&token, PASSWORD).await.expect(204);

    world.try_log_in(&ada).await.expect_problem(401, "bad_credentials");
    world.log_in(&Account::new(&ada.email, PASSWORD)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn account_whose_password_was_removed_requires_one() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let token = world.link_token(&ada.email, "/verify-email").await;
    world.sql("update users set password_hash = null").await;

    for body in [json!({"token": token}), json!({"token": token, "password": null})] {
        let reply = world.post("/v1/email-verifications/confirm", body).await;
        let reply = reply.expect_problem(422, "password_required");
        assert_eq!(reply.json()["type"], "/problems/password_required");
    }

    world.confirm_email_with(&token, PASSWORD).await.expect(204);
    world.log_in(&Account::new(&ada.email, PASSWORD)).await;
}
