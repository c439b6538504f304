use keyward_tests::{Account, World};
use serde_json::json;

use super::shown;

#[tokio::test(flavor = "multi_thread")]
async fn deletion_notice_contains_no_name() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let access = world.log_in(&ada).await.access;

    world.delete_account(&access, &ada).await.expect(204);
    let mail = world.nth_mail(&ada.email, "account was deleted", 1).await;

    insta::assert_snapshot!(shown(&world, &mail).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn former_address_learns_that_undo_is_impossible() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let access = world.log_in(&ada).await.access;
    world.request_email_change(&access, &ada, "byron@example.org").await.expect(202);
    let token = world.link_token("byron@example.org", "/confirm-email").await;
    world.post("/v1/email-changes/confirm", json!({"token": token})).await.expect(204);
    let byron = Account { email: "byron@example.org".into(), ..ada.clone() };

    world.delete_account(&access, &byron).await.expect(204);
    let mail = world.nth_mail(&ada.email, "account that had this address was deleted", 1).await;

    insta::assert_snapshot!(shown(&world, &mail).await);
}
