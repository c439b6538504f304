use keyward_tests::World;
use serde_json::json;

use super::{shown, the_token};

#[tokio::test(flavor = "multi_thread")]
async fn new_address_gets_a_confirmation_link() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let access = world.log_in(&ada).await.access;

    world.request_email_change(&access, &ada, "byron@example.org").await.expect(202);
    let mail = world.nth_mail("byron@example.org", "Confirm your new", 1).await;

    insta::assert_snapshot!(shown(&world, &mail).await);
    let token = the_token(&world, &mail, "/confirm-email");
    world.post("/v1/email-changes/confirm", json!({"token": token})).await.expect(204);
}
