use keyward_tests::World;
use reqwest::Method;
use serde_json::json;

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
    let heard = recorder.heard();
    assert!(heard.contains("GET /reset-password HTTP/1.1"), "{heard}");
    assert!(!heard.contains(&token), "{heard}");
    browser.press("Set new password").await;
    browser.sees("Your new password is set").await;

    assert_eq!(browser.address().await, page);
    let heard = recorder.heard();
    assert_eq!(heard.matches(&token).count(), 1, "{heard}");
    assert!(heard.contains(&format!("\r\n\r\ntoken={token}&password=")), "{heard}");
    assert!(!heard.to_lowercase().contains("\r\nreferer:"), "{heard}");
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

    let body = json!({"token": reset, "password": "a better passphrase"});
    world.post("/v1/password-resets/confirm", body).await.expect(204);
    let body = json!({"token": verify});
    world.post("/v1/email-verifications/confirm", body).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_run_load_and_allow_nothing_foreign() {
    let world = World::new().await;
    let page = format!("{}/reset-password", world.url);
    let browser = Browser::start().await;

    browser.open(&page).await;
    browser.sees("Reset your password").await;
    assert_eq!(browser.complaints().await, [""; 0]);
    let inject = "
        const script = document.createElement('script');
        script.textContent = 'window.stolen = true';
        document.body.append(script);
        document.body.insertAdjacentHTML('beforeend', '<img src=\"http://127.0.0.1:9/pixel\">');
        return window.stolen === undefined";
    assert_eq!(browser.run(inject).await, true);
    let refused = async || {
        let complaints = browser.complaints().await.concat();
        (complaints.contains("script-src 'self'") && complaints.contains("img-src 'self'"))
            .then_some(())
    };
    keyward_tests::until("the browser reports the violations", refused).await;

    browser.open(&format!("data:text/html,<iframe src={page}></iframe>")).await;
    assert_eq!(browser.address_in_frame().await, "chrome-error://chromewebdata/");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_forbids_frames_referrers_and_caches() {
    let world = World::new().await;

    for page in ["/reset-password", "/verify-email", "/confirm-email", "/undo-email", "/docs"] {
        let reply = world.get(page).await.expect(200);
        let policy = reply.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; "), "{page}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{page}: {policy}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{page}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{page}");
        assert_eq!(reply.header("cache-control"), "no-store", "{page}");
    }
}
