use keyward_tests::World;

use super::{Browser, recorder::Recorder, reset_link};

const STORED: &str = "return sessionStorage.length";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_keeps_its_token_until_the_link_is_used() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let link = reset_link(&world, &ada).await;
    let browser = Browser::start().await;

    browser.open(&link).await;
    browser.field("New password").await;
    browser.reload().await;
    browser.field("New password").await;
    browser.open(&format!("{}/", world.url)).await;
    browser.go_back().await;
    browser.type_into("New password", "a better passphrase").await;
    browser.set_online(false).await;
    browser.press("Set new password").await;
    browser.element("//*[contains(., 'ERR_INTERNET_DISCONNECTED')]").await;
    browser.set_online(true).await;
    browser.open(&format!("{}/reset-password", world.url)).await;
    browser.type_into("New password", "a better passphrase").await;
    assert_eq!(browser.run(STORED).await, 1);
    browser.press("Set new password").await;
    browser.sees("Your new password is set").await;

    assert_eq!(browser.run(STORED).await, 0);
    assert_eq!(browser.run("return localStorage.length + document.cookie.length").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_disappears_when_its_field_changes() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let browser = Browser::start().await;
    browser.open(&reset_link(&world, &ada).await).await;

    browser.type_into("New password", "ada@example.org1").await;
    browser.press("Set new password").await;
    browser.alert().await;
    assert_eq!(browser.run("return document.title").await, "Error: Reset your password · Keyward");
    let username = "return document.querySelector('[autocomplete=username]').value";
    assert_eq!(browser.run(username).await, ada.email);
    browser.type_into("New password", "a").await;

    assert_eq!(browser.run("return document.title").await, "Reset your password · Keyward");
    let left = "return document.querySelectorAll('[role=alert], [aria-invalid]').length";
    assert_eq!(browser.run(left).await, 0);
    let described = "return document.querySelector('#password').getAttribute('aria-describedby')";
    assert_eq!(browser.run(described).await, "password-hint");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_password_is_refused_before_it_is_sent() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;
    let recorder = Recorder::before(&world).await;
    let browser = Browser::start().await;
    browser.open(&format!("{}/reset-password#{token}", recorder.url)).await;

    for _ in 0..2 {
        browser.type_into("New password", "too short").await;
        browser.press("Set new password").await;
        assert_eq!(browser.alert().await, "A password has at least 15 characters.");
    }
    assert!(!recorder.recorded().contains("POST "), "{}", recorder.recorded());
    browser.type_into("New password", "a better passphrase").await;
    browser.press("Set new password").await;

    browser.sees("Your new password is set").await;
    world.log_in(&ada.with_password("a better passphrase")).await;
}
