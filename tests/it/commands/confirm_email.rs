use keyward_tests::World;
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
