use keyward_tests::World;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_opened_and_its_owner_is_asked_to_prove_the_address() {
    let world = World::new().await;

    let reply = world
        .post(
            "/v1/users",
            json!({"email": "Ada@Example.org", "password": "correct horse battery", "display_name": "Ada"}),
        )
        .await
        .expect(202);

    assert_eq!(reply.json(), json!({"status": "check_your_email"}));
    assert_eq!(world.settle().await, ["user.registered"]);
    let mail = world.nth_mail("Ada@example.org", "Confirm your email address", 1).await;
    assert_eq!(mail.envelope_to, ["Ada@example.org"]);
}
