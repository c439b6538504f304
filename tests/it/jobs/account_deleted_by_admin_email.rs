use keyward_tests::World;

use super::shown;

#[tokio::test(flavor = "multi_thread")]
async fn owner_is_notified_of_a_deletion_by_an_administrator() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let id = world.user_id(&ada.email).await;

    world.delete_as(&root, &format!("/v1/users/{id}")).await.expect(204);
    let mail = world.nth_mail(&ada.email, "account was deleted", 1).await;

    insta::assert_snapshot!(shown(&world, &mail).await);
    assert!(!mail.text.contains("from 127.0.0.1"), "the administrator's address is not disclosed");
}
