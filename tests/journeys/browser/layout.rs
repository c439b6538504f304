//! Layout of every page in every state: phone and desktop, light and dark.

use keyward_tests::World;
use serde_json::json;
use sqlx::Executor as _;

use super::{Browser, VERIFY, button, reset_link};

const CHECKS: &str = include_str!("layout.js");

/// Checks the page in all four variants. Screenshots are in `target/screenshots`.
pub(crate) async fn check_layout(browser: &Browser, name: &str) {
    for width in [360, 1440] {
        for scheme in ["light", "dark"] {
            browser.prefer(scheme).await;
            browser.resize(width).await;
            let name = format!("{name}-{width}-{scheme}");
            browser.photograph(&name).await;
            assert_eq!(browser.run(CHECKS).await, json!([]), "{name}");
        }
    }
}

/// Looks at a page without a link while a link is requested, first for an invalid address.
async fn check_request_form(browser: &Browser, page: &str, button: &str) {
    browser.field("Code from the email").await;
    browser.press("I need a new link").await;
    browser.field("Your email address").await;
    check_layout(browser, &format!("{page}-no-link")).await;
    browser.type_into("Your email address", "ada example.org").await;
    browser.press(button).await;
    browser.alert().await;
    check_layout(browser, &format!("{page}-ask-again")).await;
    browser.field("Your email address").await.clear().await.unwrap();
    browser.type_into("Your email address", "unknown@example.org").await;
    browser.press(button).await;
    browser.sees("Check your email").await;
    check_layout(browser, &format!("{page}-sent")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reset_page_fits_in_every_state() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let link = reset_link(&world, &ada).await;
    let page = format!("{}/reset-password", world.url);
    let browser = Browser::start().await;

    browser.open(&page).await;
    check_request_form(&browser, "reset", "Send a reset link").await;

    browser.open(&link).await;
    browser.field("New password").await;
    check_layout(&browser, "reset-link").await;
    browser.type_into("New password", "too short").await;
    browser.element("//*[@id='count'][.!='']").await;
    browser.press("Show password").await;
    browser.press("I need a new link").await;
    check_layout(&browser, "reset-typed").await;
    browser.press("Set new password").await;
    browser.alert().await;
    check_layout(&browser, "reset-weak").await;
    browser.type_into("New password", "a better passphrase").await;
    browser.press("Set new password").await;
    browser.sees("Your new password is set").await;
    check_layout(&browser, "reset-done").await;

    browser.open(&link).await;
    browser.type_into("New password", "a better passphrase").await;
    browser.press("Set new password").await;
    browser.sees("This link no longer works").await;
    check_layout(&browser, "reset-dead-link").await;
    assert_eq!(browser.console_errors().await, [""; 0]);

    browser.open(&link).await;
    browser.type_into("New password", "a better passphrase").await;
    world.db.execute("alter table links rename to lost").await.unwrap();
    browser.press("Set new password").await;
    browser.alert().await;
    check_layout(&browser, "reset-failed").await;
    browser.without_javascript().await;
    browser.open(&page).await;
    browser.field("Code from the email").await;
    check_layout(&browser, "reset-no-scripts").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verification_page_fits_in_every_state() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let link = button(&*world.nth_mail(&ada.email, VERIFY, 1).await);
    let page = format!("{}/verify-email", world.url);
    let browser = Browser::start().await;

    browser.open(&page).await;
    check_request_form(&browser, "verify", "Send a new link").await;

    browser.open(&link).await;
    browser.element("//button[normalize-space()='Confirm email address']").await;
    check_layout(&browser, "verify-link").await;
    browser.press("Confirm email address").await;
    browser.sees("Your email address is confirmed").await;
    check_layout(&browser, "verify-done").await;

    browser.open(&link).await;
    browser.press("Confirm email address").await;
    browser.sees("This link no longer works").await;
    check_layout(&browser, "verify-dead-link").await;
    assert_eq!(browser.console_errors().await, [""; 0]);

    browser.without_javascript().await;
    browser.open(&page).await;
    browser.field("Code from the email").await;
    check_layout(&browser, "verify-no-scripts").await;
}
