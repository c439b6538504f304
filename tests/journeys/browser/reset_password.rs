use std::time::Duration;

use keyward_tests::World;

use super::{
    Browser, CHANGED, RESET, button,
    driver::{ENTER, TAB},
    reset_link,
};

const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60);

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_reset_by_a_link() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let old = world.log_in(&ada).await;
    let browser = Browser::start().await;

    browser.open(&format!("{}/reset-password", world.url)).await;
    browser.press("I need a new link").await;
    browser.type_into("Your email address", &ada.email).await;
    browser.press("Send a reset link").await;
    browser.sees("Check your email").await;
    let mail = world.nth_mail(&ada.email, RESET, 1).await;
    browser.open(&button(&mail)).await;
    browser.sees("Reset your password").await;
    browser.type_into("New password", "a better passphrase").await;
    browser.press("Set new password").await;
    browser.sees("Your new password is set").await;

    world.me(&old.access).await.expect_problem(401, "session_ended");
    world.refresh(&old.refresh).await.expect_problem(401, "session_ended");
    world.try_log_in(&ada).await.expect_problem(401, "bad_credentials");
    let ada = ada.with_password("a better passphrase");
    let new = world.log_in(&ada).await;
    world.me(&new.access).await.expect(200);
    world.nth_mail(&ada.email, CHANGED, 1).await;
    assert_eq!(browser.run("return document.cookie").await, "", "a reset starts no session");
    assert_eq!(browser.console_errors().await, [""; 0]);
}

/// The email is open on a computer, and the password is set on a phone.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_reset_by_code_on_another_device() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let old = world.log_in(&ada).await;
    let code = world.reset_code(&ada.email).await;
    let phone = Browser::start().await;

    phone.open(&format!("{}/reset-password", world.url)).await;
    phone.sees("Reset your password").await;
    phone.type_into("Email address", &ada.email).await;
    phone.type_into("Code from the email", "bbbb bbbb").await;
    phone.type_into("New password", "a better passphrase").await;
    phone.press("Set new password").await;
    phone.element("//*[@role='alert'][contains(., 'do not belong together')]").await;
    phone.field("Code from the email").await.clear().await.unwrap();
    phone.type_into("Code from the email", &code.to_lowercase().replace('-', " ")).await;
    phone.type_into("New password", "a better passphrase").await;
    phone.press("Set new password").await;
    phone.sees("Your new password is set").await;

    world.me(&old.access).await.expect_problem(401, "session_ended");
    world.log_in(&ada.with_password("a better passphrase")).await;
    assert_eq!(phone.console_errors().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_password_is_explained_and_keeps_the_link() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let browser = Browser::start().await;
    browser.open(&reset_link(&world, &ada).await).await;

    browser.type_into("New password", "too short").await;
    browser.press("Set new password").await;
    assert_eq!(browser.alert().await, "A password has at least 15 characters.");
    browser.type_into("New password", "ada@example.org1").await;
    browser.press("Set new password").await;
    browser.element("//*[@role='alert'][contains(., 'address')]").await;

    browser.type_into("New password", "a better passphrase").await;
    browser.press("Set new password").await;
    browser.sees("Your new password is set").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_can_be_shown_and_hidden() {
    let world = World::new().await;
    let browser = Browser::start().await;
    browser.open(&format!("{}/reset-password#any", world.url)).await;
    let password = browser.field("New password").await;
    let kind = async || password.prop("type").await.unwrap().unwrap();

    browser.type_into("New password", "a better pass").await;
    browser.element("//*[@id='count'][.='2 more characters needed']").await;
    assert_eq!(kind().await, "password");

    browser.press("Show password").await;
    assert_eq!(kind().await, "text");
    browser.type_into("New password", "phrase").await;
    browser.element("//*[@id='count'][.='Long enough']").await;

    browser.press("Show password").await;
    assert_eq!(kind().await, "password");
    assert_eq!(password.prop("value").await.unwrap().unwrap(), "a better passphrase");
}

#[tokio::test(flavor = "multi_thread")]
async fn used_and_expired_links_offer_a_new_one() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let browser = Browser::start().await;
    let try_link = async |link: &str| {
        browser.open(link).await;
        browser.type_into("New password", "a better passphrase").await;
        browser.press("Set new password").await;
    };
    let ask_for_another = async |nth| {
        browser.sees("This link no longer works").await;
        browser.type_into("Your email address", &ada.email).await;
        browser.press("Send a reset link").await;
        browser.sees("Check your email").await;
        button(&*world.nth_mail(&ada.email, RESET, nth).await)
    };

    let used = reset_link(&world, &ada).await;
    try_link(&used).await;
    browser.sees("Your new password is set").await;
    try_link(&used).await;
    let expired = ask_for_another(2).await;
    world.clock.advance(HALF_AN_HOUR);
    try_link(&expired).await;
    let good = ask_for_another(3).await;

    try_link(&good).await;
    browser.sees("Your new password is set").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_works_by_keyboard_alone() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let browser = Browser::start().await;
    browser.open(&reset_link(&world, &ada).await).await;
    browser.sees("Reset your password").await;

    let mut stops = Vec::new();
    for _ in 0..4 {
        browser.press_key(TAB).await;
        let focused = "const one = document.activeElement;
            return one.labels?.[0]?.textContent ?? one.ariaLabel ?? one.textContent.trim()";
        let outlined = "return getComputedStyle(document.activeElement).outlineStyle";
        assert_eq!(browser.run(outlined).await, "solid", "the focus is visible");
        stops.push(browser.run(focused).await);
    }
    let all = ["New password", "Show password", "Set new password", "I need a new link"];
    assert_eq!(stops, all);

    browser.press_key(ENTER).await;
    browser.press_key(TAB).await;
    browser.press_key("ada@example").await;
    let email = browser.field("Your email address").await;
    assert_eq!(email.prop("value").await.unwrap().unwrap(), "ada@example");

    let password = browser.field("New password").await;
    password.send_keys(&format!("a better passphrase{ENTER}")).await.unwrap();
    browser.sees("Your new password is set").await;
}
