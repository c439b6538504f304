//! The sample brand in `deploy/brand`, as clients and recipients see it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use keyward_tests::{Options, World, registration};
use reqwest::Method;
use serde_json::json;

const BRAND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/brand");

async fn branded() -> World {
    World::with(Options::default().set("BRAND_DIR", BRAND)).await
}

/// The URL of an asset in a page.
fn asset<'a>(page: &'a str, name: &str) -> &'a str {
    let url = page.split('"').find(|part| part.starts_with(&format!("/assets/{name}?v=")));
    url.unwrap_or_else(|| panic!("{name} in {page}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_have_the_logo_and_the_colours() {
    let world = branded().await;

    for path in ["/reset-password", "/", "/nothing"] {
        let request = world.request(Method::GET, path).header("accept", "text/html");
        let page = world.send(request).await.text;

        let logo = world.get(asset(&page, "logo.svg")).await.expect(200);
        assert_eq!(logo.header("content-type"), "image/svg+xml");
        assert!(logo.header("content-security-policy").contains("default-src 'none'"));
        assert_eq!(logo.text, std::fs::read_to_string(format!("{BRAND}/logo.svg")).unwrap());
        assert!(page.contains("width=\"32\" height=\"32\" alt=\"\">"), "{page}");
        let css = world.get(asset(&page, "brand.css")).await.expect(200);
        assert_eq!(css.header("content-type"), "text/css; charset=utf-8");
        assert!(css.header("cache-control").contains("immutable"));
        assert!(css.text.contains("--accent: #8a2467") && css.text.contains("--accent: #f2a3d6"));
        let shipped = page.find("/assets/page.css").unwrap();
        assert!(shipped < page.find("/assets/brand.css").unwrap(), "the later style counts");
        assert_eq!(page.contains("<h1>Your Acme account</h1>"), path == "/", "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn menu_of_languages_has_that_of_the_brand() {
    let world = branded().await;

    let page = world.get("/reset-password?lang=nl").await.expect(200).text;

    assert!(page.contains("<html lang=\"nl\" dir=\"ltr\">"), "{page}");
    assert!(page.contains(">Nederlands</a>") && page.contains(">Deutsch</a>"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn shipped_pages_have_nothing_of_a_brand() {
    let world = World::new().await;

    let page = world.get("/reset-password").await.expect(200).text;

    assert!(!page.contains("logo.") && !page.contains("brand.css"), "{page}");
    for name in ["logo.svg", "logo.png", "brand.css"] {
        world.get(&format!("/assets/{name}")).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn emails_have_the_texts_the_colours_and_the_logo() {
    let world = branded().await;
    world.post("/v1/users", registration("ada@example.org")).await.expect(202);

    let mail = world.nth_mail("ada@example.org", "", 1).await;

    assert_eq!(mail.subject, "Welcome to Keyward: confirm your email address");
    for text in ["Yes, this is my address", "Acme Ltd, 1 Example Street, London."] {
        assert!(mail.text.contains(text) && mail.html.contains(text), "{}", mail.text);
    }
    assert!(mail.text.contains("To finish setting up your account"), "the shipped body");
    assert!(mail.html.contains("background-color:#8a2467"), "{}", mail.html);
    assert!(mail.html.contains("{ background-color: #f2a3d6 !important"), "{}", mail.html);
    assert!(!mail.html.contains("#0e5a57") && !mail.html.contains("#7fd6cb"), "{}", mail.html);
    assert!(mail.html.contains("<img src=\"cid:logo@keyward\" width=\"32\""), "{}", mail.html);
    let raw = String::from_utf8(mail.raw.clone()).unwrap();
    assert!(raw.contains("Content-Type: multipart/related;"), "{raw}");
    assert!(raw.contains("Content-ID: <logo@keyward>\r\nContent-Disposition: inline"), "{raw}");
    let logo = STANDARD.encode(std::fs::read(format!("{BRAND}/logo.png")).unwrap());
    assert!(raw.replace("\r\n", "").contains(&logo), "{raw}");
}

#[tokio::test(flavor = "multi_thread")]
async fn language_of_the_brand_is_negotiated_and_english_stands_in() {
    let world = branded().await;
    let request =
        world.request(Method::POST, "/v1/users").header("accept-language", "nl-BE, de;q=0.5");
    world.send(request.json(&registration("ada@example.org"))).await.expect(202);

    let mail = world.nth_mail("ada@example.org", "Bevestig uw e-mailadres voor Keyward", 1).await;
    world.request_reset("ada@example.org").await.expect(202);
    let english = world.nth_mail("ada@example.org", "Reset your Keyward password", 1).await;

    assert!(mail.html.contains("<html lang=\"nl\" dir=\"ltr\""), "{}", mail.html);
    assert!(mail.text.contains("binnen 24 uur: op "), "{}", mail.text);
    assert!(english.text.contains("Hallo ") && english.text.contains("Set new password"));
    let (_, token) = world.logged_in("bob").await;
    let me = world.patch_as(&token, "/v1/users/me", json!({"locale": "NL"})).await.expect(200);
    assert_eq!(me.json()["locale"], "nl");
}
