use keyward_tests::{Account, World};

use super::{Browser, button, layout::check_layout};

const NEW: &str = "byron@example.org";

/// Requests the change: the account, and the links of the two emails.
async fn asked(world: &World) -> (Account, String, String) {
    let (ada, access) = world.logged_in("ada").await;
    world.request_email_change(&access, &ada, NEW).await.expect(202);
    let confirm = world.nth_mail(NEW, "Confirm your new email address", 1).await;
    let undo = world.nth_mail(&ada.email, "about to change", 1).await;
    (ada, button(&confirm), button(&undo))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_changed_and_the_change_is_undone() {
    let world = World::new().await;
    let (ada, confirm, undo) = asked(&world).await;
    let browser = Browser::start().await;

    browser.open(&confirm).await;
    browser.sees("Confirm your new email address").await;
    assert_eq!(browser.address().await, format!("{}/confirm-email", world.url));
    world.log_in(&ada).await;
    check_layout(&browser, "confirm-email-link").await;
    browser.press("Confirm email address").await;
    browser.sees("Your new email address is confirmed").await;
    check_layout(&browser, "confirm-email-done").await;
    world.log_in(&ada.with_email(NEW)).await;
    browser.open(&confirm).await;
    browser.press("Confirm email address").await;
    browser.sees("This link no longer works").await;
    check_layout(&browser, "confirm-email-dead-link").await;

    browser.open(&undo).await;
    browser.sees("Keep your email address").await;
    check_layout(&browser, "undo-email-link").await;
    browser.press("Undo the change").await;
    browser.sees("The change is undone").await;
    check_layout(&browser, "undo-email-done").await;
    world.nth_mail(&ada.email, "Reset your Keyward password", 1).await;
    browser.open(&undo).await;
    browser.press("Undo the change").await;
    browser.sees("This link no longer works").await;
    check_layout(&browser, "undo-email-dead-link").await;
    assert_eq!(browser.console_errors().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_can_be_pasted_without_javascript() {
    let world = World::new().await;
    let (_, confirm, undo) = asked(&world).await;
    let browser = Browser::start().await;
    browser.without_javascript().await;

    for (page, link, name, done) in [
        ("confirm-email", &confirm, "Confirm email address", "Your new email address is confirmed"),
        ("undo-email", &undo, "Undo the change", "The change is undone"),
    ] {
        browser.open(&format!("{}/{page}", world.url)).await;
        check_layout(&browser, &format!("{page}-no-scripts")).await;
        browser.type_into("Code from the email", link).await;
        browser.press(name).await;
        browser.sees(done).await;
    }
}
