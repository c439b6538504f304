use keyward_tests::World;
use reqwest::Method;

use super::{Browser, recorder::Recorder};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_reaches_the_server_only_in_the_form() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;
    let recorder = Recorder::before(&world).await;
    let page = format!("{}/reset-password", recorder.url);
    let browser = Browser::start().await;

    browser.open(&format!("{page}#{token}")).await;
    browser.type_into("New password", "a better passphrase").await;
    assert_eq!(browser.address().await, page);
    let recorded = recorder.recorded();
    assert!(recorded.contains("GET /reset-password HTTP/1.1"), "{recorded}");
    assert!(!recorded.contains(&token), "{recorded}");
    browser.press("Set new password").await;
    browser.sees("Your new password is set").await;

    assert_eq!(browser.address().await, page);
    let recorded = recorder.recorded();
    assert_eq!(recorded.matches(&token).count(), 1, "{recorded}");
    assert!(recorded.contains(&format!("\r\n\r\ntoken={token}&")), "{recorded}");
    assert!(!recorded.to_lowercase().contains("\r\nreferer:"), "{recorded}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_scanner_does_not_use_up_links() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let bob = world.register("bob").await;
    let reset = world.reset_token(&ada.email).await;
    let verify = world.link_token(&bob.email, "/verify-email").await;
    let browser = Browser::start().await;

    for page in ["/reset-password", "/verify-email"] {
        for _ in 0..20 {
            world.get(page).await.expect(200);
            world.send(world.request(Method::HEAD, page)).await.expect(200);
            world.send(world.request(Method::OPTIONS, page)).await;
        }
    }
    for (page, token, proof) in [
        ("/reset-password", &reset, "New password"),
        ("/verify-email", &verify, "Confirm email address"),
    ] {
        browser.open(&format!("{}{page}#{token}", world.url)).await;
        browser.element(&format!("//*[normalize-space()='{proof}']")).await;
        browser.open("about:blank").await;
    }

    world.confirm_reset(&reset, "a better passphrase").await.expect(204);
    world.confirm_email(&verify).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_block_foreign_scripts_images_and_frames() {
    let world = World::new().await;
    let page = format!("{}/reset-password", world.url);
    let browser = Browser::start().await;

    browser.open(&page).await;
    browser.sees("Reset your password").await;
    assert_eq!(browser.console_errors().await, [""; 0]);
    let inject = "
        const script = document.createElement('script');
        script.textContent = 'window.stolen = true';
        document.body.append(script);
        document.body.insertAdjacentHTML('beforeend', '<img src=\"http://127.0.0.1:9/pixel\">');
        return window.stolen === undefined";
    assert_eq!(browser.run(inject).await, true);
    let refused = async || {
        let errors = browser.console_errors().await.concat();
        (errors.contains("script-src 'self'") && errors.contains("img-src 'self'")).then_some(())
    };
    keyward_tests::until("the browser reports the violations", refused).await;

    browser.open(&format!("data:text/html,<iframe src={page}></iframe>")).await;
    assert_eq!(browser.address_in_frame().await, "chrome-error://chromewebdata/");
}
