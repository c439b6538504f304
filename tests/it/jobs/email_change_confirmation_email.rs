use keyward_tests::World;
use serde_json::json;

use super::{shown, the_token};

#[tokio::test(flavor = "multi_thread")]
async fn the_new_address_is_asked_to_confirm() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let access = world.log_in(&ada).await.access;

    world.ask_for_address(&access, &ada, "byron@example.org").await.expect(202);
    let mail = world.nth_mail("byron@example.org", "Confirm your new", 1).await;

    insta::assert_snapshot!(shown(&world, &mail).await);
    let token = the_token(&world, &mail, "/confirm-email");
    world.post("/v1/email-changes/confirm", json!({"token": token})).await.expect(204);
}
