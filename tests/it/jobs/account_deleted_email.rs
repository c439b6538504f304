use keyward_tests::{Account, World};
use serde_json::json;

use super::shown;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_deletes_the_account_is_told_goodbye_without_a_name_that_is_no_longer_known() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let access = world.log_in(&ada).await.access;

    world.delete_account(&access, &ada).await.expect(204);
    let mail = world.nth_mail(&ada.email, "account was deleted", 1).await;

    insta::assert_snapshot!(shown(&world, &mail).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_address_was_changed_away_before_is_told_that_the_way_back_is_gone() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let access = world.log_in(&ada).await.access;
    world.ask_for_address(&access, &ada, "byron@example.org").await.expect(202);
    let token = world.link_token("byron@example.org", "/confirm-email").await;
    world.post("/v1/email-changes/confirm", json!({"token": token})).await.expect(204);
    let byron = Account { email: "byron@example.org".into(), ..ada.clone() };

    world.delete_account(&access, &byron).await.expect(204);
    let mail = world.nth_mail(&ada.email, "account that had this address was deleted", 1).await;

    insta::assert_snapshot!(shown(&world, &mail).await);
}
