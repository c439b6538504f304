use keyward_tests::World;
use serde_json::json;

use super::{Browser, CHANGED, RESET, VERIFY, looks::look};

const ALREADY: &str = "You already have a Keyward account";

#[tokio::test(flavor = "multi_thread")]
async fn every_mail_can_be_read_on_a_phone_and_at_night_and_loads_nothing() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let again =
        json!({"email": ada.email, "password": "a better passphrase", "display_name": "Ada"});
    world.post("/v1/users", again).await.expect(202);
    let token = world.reset_token(&ada.email).await;
    let reset = json!({"token": token, "password": "a better passphrase"});
    world.post("/v1/password-resets/confirm", reset).await.expect(204);
    let browser = Browser::start().await;

    for (name, subject) in [
        ("verification", VERIFY),
        ("already-registered", ALREADY),
        ("password-reset", RESET),
        ("password-changed", CHANGED),
    ] {
        let mail = world.nth_mail(&ada.email, subject, 1).await;
        browser.open(&format!("{}/view/{}.html", world.mail.http_url(), mail.id)).await;
        browser.element("//h1").await;
        look(&browser, &format!("mail-{name}")).await;
        let loaded = "return performance.getEntriesByType('resource').length";
        assert_eq!(browser.run(loaded).await, 0, "{subject} loads something");
    }
    assert_eq!(browser.complaints().await, [""; 0]);
}
