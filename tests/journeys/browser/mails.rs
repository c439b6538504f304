use keyward_tests::World;
use serde_json::json;

use super::{Browser, CHANGED, RESET, VERIFY, layout::check_layout};

const OLD: &str = "ada@example.org";
const NEW: &str = "byron@example.org";
const MOVED: &str = "email address was changed";
const INVITED: &str = "grace@example.org";
const FORCED: &str = "Choose a new Keyward password";
const ALREADY: &str = "You already have a Keyward account";

#[tokio::test(flavor = "multi_thread")]
async fn every_email_fits_a_phone_and_loads_nothing() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let again =
        json!({"email": ada.email, "password": "a better passphrase", "display_name": "Ada"});
    world.post("/v1/users", again).await.expect(202);
    let token = world.reset_token(&ada.email).await;
    world.confirm_reset(&token, "a better passphrase").await.expect(204);
    let ada = ada.with_password("a better passphrase");
    let access = world.log_in(&ada).await.access;
    world.change_email(&access, &ada, NEW).await;
    // A deleted account gets one last email, the goodbye.
    world.settle().await;
    let ada = ada.with_email(NEW);
    world.delete_account(&access, &ada).await.expect(204);
    let (root, bob) = (world.administrator("root").await, world.account("bob").await);
    world.invite(&root, INVITED, "user").await;
    let path = format!("/v1/users/{}", world.user_id(&bob.email).await);
    world.post_as(&root, &format!("{path}/password-resets")).await.expect(202);
    world.settle().await;
    world.delete_as(&root, &path).await.expect(204);
    let browser = Browser::start().await;

    for (name, to, subject) in [
        ("verification", OLD, VERIFY),
        ("already-registered", OLD, ALREADY),
        ("password-reset", OLD, RESET),
        ("password-changed", OLD, CHANGED),
        ("email-change-confirmation", NEW, "Confirm your new email address"),
        ("email-change-notice", OLD, "email address is about to change"),
        ("email-changed", OLD, MOVED),
        ("account-deleted", NEW, "account was deleted"),
        ("invitation", INVITED, "You are invited to Keyward"),
        ("forced-password-reset", &bob.email, FORCED),
        ("account-deleted-by-admin", &bob.email, "account was deleted"),
        ("account-deleted-former", OLD, "account that had this address was deleted"),
    ] {
        let mail = world.nth_mail(to, subject, 1).await;
        browser.open(&format!("{}/view/{}.html", world.mail.http_url(), mail.id)).await;
        browser.element("//h1").await;
        check_layout(&browser, &format!("mail-{name}")).await;
        let loaded = "return performance.getEntriesByType('resource').length";
        assert_eq!(browser.run(loaded).await, 0, "{subject} loads a resource");
    }
    assert_eq!(browser.console_errors().await, [""; 0]);
}
