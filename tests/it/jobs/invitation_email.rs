use keyward_tests::World;

use super::{shown, the_token};

#[tokio::test(flavor = "multi_thread")]
async fn invitation_email_has_a_link() {
    let world = World::new().await;
    let root = world.administrator("root").await;

    world.invite(&root, "grace@example.org", "admin").await;

    let mail = world.nth_mail("grace@example.org", "You are invited to Keyward", 1).await;
    insta::assert_snapshot!(shown(&world, &mail).await);
    assert!(!mail.text.contains("from 127.0.0.1"), "the administrator's address is not disclosed");
    let token = the_token(&world, &mail, "/accept-invitation");
    world.accept(&token).await.expect(201);
}
