use keyward_tests::{Options, World};

use super::{Browser, layout::check_layout, reset_link};

#[tokio::test(flavor = "multi_thread")]
async fn every_last_page_leads_on_to_the_application() {
    let settings = Options::default()
        .set("APP_URL", "http://127.0.0.1:9/app?from=mail")
        .set("SUPPORT_EMAIL", "support@example.org");
    let world = World::with(settings).await;
    let ada = world.account("ada").await;
    let link = reset_link(&world, &ada).await;
    let browser = Browser::start().await;
    let leads_on = async || {
        let onward = browser.element("//a[normalize-space()='Continue to Keyward']").await;
        let url = onward.prop("href").await.unwrap().unwrap();
        assert_eq!(url, "http://127.0.0.1:9/app?from=mail");
        browser.element("//footer//a[@href='mailto:support@example.org']").await;
    };

    browser.open(&world.url).await;
    browser.sees("Accounts").await;
    leads_on().await;
    check_layout(&browser, "start").await;
    browser.open(&format!("{}/nowhere", world.url)).await;
    browser.sees("This page does not exist").await;
    leads_on().await;
    check_layout(&browser, "not-found").await;
    browser.open(&link).await;
    browser.type_into("New password", "a better passphrase").await;
    browser.press("Set new password").await;
    browser.sees("Your new password is set").await;
    leads_on().await;
    check_layout(&browser, "reset-done-onward").await;
    browser.open(&link).await;
    browser.type_into("New password", "a better passphrase").await;
    browser.press("Set new password").await;
    browser.sees("This link no longer works").await;
    leads_on().await;
    check_layout(&browser, "reset-dead-link-onward").await;
    browser.type_into("Your email address", "unknown@example.org").await;
    browser.press("Send a reset link").await;
    browser.sees("Check your email").await;
    leads_on().await;
    check_layout(&browser, "reset-sent-onward").await;
    assert_eq!(browser.console_errors().await, [""; 0]);
}
