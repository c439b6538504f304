use keyward_tests::World;
use serde_json::json;

use super::{shown, the_token};

#[tokio::test(flavor = "multi_thread")]
async fn forced_reset_email_has_a_link_and_says_who_asked() {
    let world = World::new().await;
    let (root, ada) = (world.administrator("root").await, world.account("ada").await);
    let id = world.user_id(&ada.email).await;

    world.post_as(&root, &format!("/v1/users/{id}/password-resets")).await.expect(202);

    let mail = world.nth_mail(&ada.email, "Choose a new Keyward password", 1).await;
    insta::assert_snapshot!(shown(&world, &mail).await);
    assert!(!mail.text.contains("127.0.0.1\r\n"), "the administrator's address is not disclosed");
    let token = the_token(&world, &mail, "/reset-password");
    let body = json!({"token": token, "password": "an entirely new passphrase"});
    world.post("/v1/password-resets/confirm", body).await.expect(204);
}
