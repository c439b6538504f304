use keyward_tests::World;

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
