use keyward_tests::World;
use serde_json::json;

use super::{shown, the_token};

#[tokio::test(flavor = "multi_thread")]
async fn old_address_gets_the_same_undo_link_after_the_change() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let access = world.log_in(&ada).await.access;
    world.request_email_change(&access, &ada, "byron@example.org").await.expect(202);
    let notice = world.nth_mail(&ada.email, "about to change", 1).await;
    let token = world.link_token("byron@example.org", "/confirm-email").await;

    world.post("/v1/email-changes/confirm", json!({"token": token})).await.expect(204);
    let mail = world.nth_mail(&ada.email, "was changed", 1).await;

    insta::assert_snapshot!(shown(&world, &mail).await);
    let token = the_token(&world, &mail, "/undo-email");
    assert_eq!(token, the_token(&world, &notice, "/undo-email"));
    world.post("/v1/email-changes/undo", json!({"token": token})).await.expect(204);
}
