use keyward_stack::mail_sink::Behaviour;
use keyward_tests::World;
use serde_json::json;

use super::shown;

const QUEUE: &str = "password-changed-email";

#[tokio::test(flavor = "multi_thread")]
async fn notice_contains_no_secret_link() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;

    let body = json!({"token": token, "password": "an entirely new passphrase"});
    world.post("/v1/password-resets/confirm", body).await.expect(204);

    let mail = world.nth_mail(&ada.email, "Your Keyward password was changed", 1).await;
    insta::assert_snapshot!(shown(&world, &mail).await);
    assert!(!mail.text.contains(&token) && !mail.html.contains(&token));
}

#[tokio::test(flavor = "multi_thread")]
async fn notice_is_sent_however_late() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;
    world.mail.behave(Behaviour::reply("451 4.3.0 try later").times(1));
    let body = json!({"token": token, "password": "an entirely new passphrase"});
    world.post("/v1/password-resets/confirm", body).await.expect(204);
    world.postponed(QUEUE).await;

    world.clock.advance(std::time::Duration::from_secs(40 * 3600));
    world.retry_now().await;

    world.nth_mail(&ada.email, "password was changed", 1).await;
    assert_eq!(world.ended(QUEUE).await, ["Done"]);
}
