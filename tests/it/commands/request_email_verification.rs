use keyward_tests::World;
use serde_json::json;

const REQUEST: &str = "/v1/email-verifications";

#[tokio::test(flavor = "multi_thread")]
async fn new_link_revokes_the_previous_one() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let old = world.link_token(&ada.email, "/verify-email").await;

    world.post(REQUEST, json!({"email": "ADA@Example.org"})).await.expect(202);
    world.nth_mail(&ada.email, "Confirm your email address", 2).await;
    let new = world.link_token(&ada.email, "/verify-email").await;

    world.confirm_email(&old).await.expect_problem(400, "link_invalid");
    world.confirm_email(&new).await.expect(204);
    assert_eq!(world.settle().await[1], "user.verification_requested");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_address_is_rejected() {
    let world = World::new().await;

    for body in [json!({"email": "nope"}), json!({}), json!({"email": null})] {
        world.post(REQUEST, body).await.expect_invalid("/email");
    }

    assert_eq!(world.subjects().await, [""; 0]);
}
