use keyward_tests::{World, registration};

use super::{Browser, VERIFY, reset_link};

const ADDRESS: &str = "Email address";
const CODE: &str = "Code from the email";

#[tokio::test(flavor = "multi_thread")]
async fn a_link_can_be_pasted_without_javascript() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let link = reset_link(&world, &ada).await;
    let browser = Browser::start().await;
    browser.without_javascript().await;

    browser.open(&link).await;
    browser.type_into(CODE, &link).await;
    browser.type_into("New password", "too short").await;
    browser.press("Set new password").await;
    browser.alert().await;
    browser.type_into("New password", "a better passphrase").await;
    browser.press("Set new password").await;

    browser.sees("Your new password is set").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_works_without_javascript() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    world.nth_mail(&ada.email, VERIFY, 1).await;
    let browser = Browser::start().await;
    browser.without_javascript().await;

    browser.open(&format!("{}/verify-email", world.url)).await;
    browser.press("I need a new link").await;
    browser.type_into("Your email address", &ada.email).await;
    browser.press("Send a new link").await;
    browser.sees("Check your email").await;
    world.nth_mail(&ada.email, VERIFY, 2).await;
    let token = world.link_token(&ada.email, "/verify-email").await;
    browser.open(&format!("{}/verify-email", world.url)).await;
    browser.type_into(ADDRESS, &ada.email).await;
    browser.type_into(CODE, &world.code_of(&token).unwrap()).await;
    browser.press("Confirm email address").await;

    browser.sees("Your email address is confirmed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn competing_registrations_ask_for_a_password_without_javascript() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let token = world.link_token(&ada.email, "/verify-email").await;
    world.post("/v1/users", registration(&ada.email)).await.expect(202);
    let browser = Browser::start().await;
    browser.without_javascript().await;

    browser.open(&format!("{}/verify-email", world.url)).await;
    browser.type_into(ADDRESS, &ada.email).await;
    browser.type_into(CODE, &world.code_of(&token).unwrap()).await;
    browser.press("Confirm email address").await;
    browser.sees("Choose a new password").await;
    browser.type_into("New password", "a better passphrase").await;
    browser.press("Confirm email address").await;

    browser.sees("Your email address is confirmed").await;
    world.log_in(&ada.with_password("a better passphrase")).await;
}
