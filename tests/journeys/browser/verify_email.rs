use keyward_tests::{World, registration};

use super::{Browser, VERIFY, button};

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_confirmed_by_the_button_only() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let mail = world.nth_mail(&ada.email, VERIFY, 1).await;
    let browser = Browser::start().await;

    browser.open(&button(&mail)).await;
    browser.sees("Confirm your email address").await;
    world.try_log_in(&ada).await.expect_problem(403, "email_unverified");
    browser.press("Confirm email address").await;
    browser.sees("Your email address is confirmed").await;

    let tokens = world.log_in(&ada).await;
    assert_eq!(world.me(&tokens.access).await.json()["email_verified"], true);
    assert_eq!(browser.console_errors().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_link_offers_a_new_one() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    // An email whose link is replaced before it is sent is not sent.
    world.nth_mail(&ada.email, VERIFY, 1).await;
    let browser = Browser::start().await;
    browser.open(&format!("{}/verify-email#made-up", world.url)).await;

    browser.press("Confirm email address").await;
    browser.sees("This link no longer works").await;
    browser.type_into("Your email address", &ada.email).await;
    browser.press("Send a new link").await;
    browser.sees("Check your email").await;

    let mail = world.nth_mail(&ada.email, VERIFY, 2).await;
    browser.open(&button(&mail)).await;
    browser.press("Confirm email address").await;
    browser.sees("Your email address is confirmed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_a_link_offers_to_send_one() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    world.nth_mail(&ada.email, VERIFY, 1).await;
    let browser = Browser::start().await;

    browser.open(&format!("{}/verify-email", world.url)).await;
    browser.press("I need a new link").await;
    browser.type_into("Your email address", "ada example.org").await;
    browser.press("Send a new link").await;
    browser.alert().await;
    let email = browser.field("Your email address").await;
    assert_eq!(email.prop("value").await.unwrap().unwrap(), "ada example.org");
    email.clear().await.unwrap();
    email.send_keys(&ada.email).await.unwrap();
    browser.press("Send a new link").await;

    browser.sees("Check your email").await;
    world.nth_mail(&ada.email, VERIFY, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn competing_registrations_ask_for_a_new_password() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let mail = world.nth_mail(&ada.email, VERIFY, 1).await;
    world.post("/v1/users", registration(&ada.email)).await.expect(202);
    let browser = Browser::start().await;

    browser.open(&button(&mail)).await;
    browser.press("Confirm email address").await;
    browser.sees("Choose a new password").await;
    browser.type_into("New password", "too short").await;
    browser.press("Confirm email address").await;
    assert_eq!(browser.alert().await, "A password has at least 15 characters.");
    browser.type_into("New password", "a better passphrase").await;
    browser.press("Confirm email address").await;

    browser.sees("Your email address is confirmed").await;
    world.log_in(&ada.with_password("a better passphrase")).await;
    assert_eq!(browser.console_errors().await, [""; 0]);
}
