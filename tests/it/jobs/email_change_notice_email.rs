use keyward_tests::World;
use serde_json::json;

use super::{shown, the_token};

#[tokio::test(flavor = "multi_thread")]
async fn current_address_gets_a_link_to_stop_the_change() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let access = world.log_in(&ada).await.access;

    world.request_email_change(&access, &ada, "byron@example.org").await.expect(202);
    let mail = world.nth_mail(&ada.email, "about to change", 1).await;

    insta::assert_snapshot!(shown(&world, &mail).await);
    assert!(!mail.text.contains("byron"), "the email does not repeat what an attacker typed");
    let token = the_token(&world, &mail, "/undo-email");
    world.post("/v1/email-changes/undo", json!({"token": token})).await.expect(204);
}
