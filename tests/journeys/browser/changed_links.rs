use keyward_tests::World;

use super::{Browser, VERIFY};

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_a_gateway_has_changed_still_works() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let browser = Browser::start().await;
    let page = format!("{}/reset-password", world.url);

    for (nth, (before, after)) in
        [("%23", ""), ("%2523", "."), ("/#", ""), ("/%23", "%3E"), ("#", ".>"), ("#", "%20")]
            .into_iter()
            .enumerate()
    {
        let token = world.reset_token(&ada.email).await;
        browser.open(&format!("{page}{before}{token}{after}")).await;
        let password = format!("a better passphrase {nth}");
        browser.type_into("New password", &password).await;
        assert_eq!(browser.address().await, page, "{before} {after}");
        browser.press("Set new password").await;
        browser.sees("Your new password is set").await;
        world.log_in(&ada.clone().with_password(&password)).await;
        browser.open("about:blank").await;
    }
    assert_eq!(browser.console_errors().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_without_its_token_leads_with_the_code_field() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    world.nth_mail(&ada.email, VERIFY, 1).await;
    let code = world.link_token(&ada.email, "/verify-email").await;
    let browser = Browser::start().await;

    browser.open(&format!("{}/verify-email/", world.url)).await;
    browser.field("Code from the email").await;
    browser.field("Your email address").await;
    let first = "return document.querySelector('input:not([type=hidden])').id";
    assert_eq!(browser.run(first).await, "token");
    assert_eq!(browser.run("return document.querySelectorAll('[role=alert]').length").await, 0);
    browser.type_into("Code from the email", &format!("<{code}>.")).await;
    browser.press("Confirm email address").await;

    browser.sees("Your email address is confirmed").await;
}
