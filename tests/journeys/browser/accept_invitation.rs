use keyward_tests::World;

use super::{Browser, layout::check_layout};

#[tokio::test(flavor = "multi_thread")]
async fn the_invitation_page_fits_in_every_state() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let token = world.invite(&root, "grace@example.org", "user").await;
    let link = format!("{}/accept-invitation#{token}", world.url);
    let browser = Browser::start().await;

    browser.open(&format!("{}/accept-invitation", world.url)).await;
    browser.field("Code from the email").await;
    check_layout(&browser, "invitation-no-link").await;
    browser.open(&link).await;
    browser.field("Your name").await;
    check_layout(&browser, "invitation-link").await;
    browser.press("Show who invites you").await;
    browser.element("//dl[contains(., 'Invited by') and contains(., 'User')]").await;
    let username = browser.field("Email address").await;
    assert_eq!(username.prop("value").await.unwrap().unwrap(), "grace@example.org");
    check_layout(&browser, "invitation-shown").await;
    browser.type_into("Your name", "Grace Hopper").await;
    browser.type_into("New password", "too short").await;
    browser.press("Create account").await;
    browser.alert().await;
    check_layout(&browser, "invitation-weak").await;
    browser.type_into("New password", "a passphrase of their own").await;
    browser.press("Create account").await;
    browser.sees("Your account is ready").await;
    check_layout(&browser, "invitation-done").await;

    assert_eq!(world.count("users where display_name = 'Grace Hopper'").await, 1);
    browser.open(&link).await;
    browser.type_into("Your name", "Grace Hopper").await;
    browser.type_into("New password", "a passphrase of their own").await;
    browser.press("Create account").await;
    browser.sees("This link no longer works").await;
    check_layout(&browser, "invitation-dead-link").await;
}
