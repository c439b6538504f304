//! The language of the pages.

use keyward_tests::{Options, Reply, World};
use reqwest::Method;
use serde_json::json;

const NEW: &str = "a better passphrase";
const BROWSER: &str = "text/html";
const RESET: &str = "/reset-password";

async fn browse(world: &World, path: &str, languages: &str) -> Reply {
    let request = world.request(Method::GET, path).header("accept", BROWSER);
    world.send(request.header("accept-language", languages)).await
}

/// Sends a form from a German browser.
async fn send(world: &World, path: &str, form: &[(&str, &str)]) -> Reply {
    let request = world.request(Method::POST, path).header("accept-language", "de");
    world.send(request.form(form)).await
}

/// The token of a reset link of an account whose language is Hebrew.
async fn hebrew_token(world: &World) -> String {
    let (ada, access) = world.logged_in("ada").await;
    let token = world.reset_token(&ada.email).await;
    world.patch_as(&access, "/v1/users/me", json!({"locale": "he"})).await.expect(200);
    token
}

#[track_caller]
fn assert_language(page: &Reply, tag: &str) {
    let direction = if tag == "he" { "rtl" } else { "ltr" };
    let root = format!("<html lang=\"{tag}\" dir=\"{direction}\">");
    assert!(page.text.contains(&root), "{tag}: {}", page.text);
    assert_eq!(page.header("content-language"), tag);
}

#[tokio::test(flavor = "multi_thread")]
async fn page_speaks_the_language_of_the_browser() {
    let world = World::with(Options::default().set("DEFAULT_LOCALE", "fr")).await;

    for (languages, tag) in
        [("de-AT, en;q=0.5", "de"), ("xx, pt;q=0.1", "pt-BR"), ("xx", "fr"), ("he-IL", "he")]
    {
        let page = browse(&world, RESET, languages).await.expect(200);
        assert_language(&page, tag);
        assert_eq!(page.header("vary"), "accept-language");
        for (path, status) in [("/", 200), ("/nowhere", 404)] {
            let page = browse(&world, path, languages).await.expect(status);
            assert_language(&page, tag);
            assert_eq!(page.header("vary"), "accept, accept-language", "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parameter_chooses_the_language_and_forms_keep_it() {
    let world = World::new().await;
    let token = hebrew_token(&world).await;

    let page = browse(&world, "/reset-password?lang=pl", "de").await.expect(200);
    assert_language(&page, "pl");
    assert_eq!(page.header("vary"), "");
    assert_eq!(page.text.matches("action=\"reset-password?lang=pl\"").count(), 2, "{}", page.text);
    let weak = [("token", token.as_str()), ("password", "abc")];
    let weak = send(&world, "/reset-password?lang=pl", &weak).await.expect(422);
    assert_language(&weak, "pl");
    assert!(weak.text.contains("Hasło musi mieć co najmniej 15 znaków."), "{}", weak.text);
    let good = [("token", token.as_str()), ("password", NEW)];
    let done = send(&world, "/reset-password?lang=pl", &good).await.expect(200);
    assert_language(&done, "pl");
    let dead = send(&world, "/reset-password?lang=pl", &good).await.expect(400);
    assert_language(&dead, "pl");
    for unknown in ["xx", "", "%22%3E%3Cscript%3E"] {
        let page = browse(&world, &format!("/?lang={unknown}"), "de").await.expect(200);
        assert_language(&page, "de");
    }
    assert_language(&browse(&world, "/nowhere?lang=uk", "de").await.expect(404), "uk");
}

#[tokio::test(flavor = "multi_thread")]
async fn page_takes_the_language_of_the_account_once_it_is_known() {
    let world = World::new().await;
    let token = hebrew_token(&world).await;
    let reset = async |token: &str, password: &str| {
        send(&world, RESET, &[("token", token), ("password", password)]).await
    };

    let weak = reset(&token, "abc").await.expect(422);
    let done = reset(&token, NEW).await.expect(200);
    let used = reset(&token, NEW).await.expect(400);
    let forged = reset("made-up", NEW).await.expect(400);

    assert_language(&weak, "he");
    assert!(weak.text.contains("action=\"reset-password?lang=he\""), "{}", weak.text);
    assert!(weak.text.contains("בסיסמה יש לפחות 15 תווים."), "{}", weak.text);
    assert_language(&done, "he");
    for dead in [used, forged] {
        // The same for every link that does not work.
        assert_language(&dead, "de");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invited_person_gets_the_language_of_the_page() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let locale_of = async |email: &str| {
        let query = "select locale from users where email = $1";
        sqlx::query_scalar::<_, String>(query).bind(email).fetch_one(&world.db).await.unwrap()
    };

    for (name, path, tag) in
        [("grace", "/accept-invitation?lang=uk", "uk"), ("alan", "/accept-invitation", "de")]
    {
        let email = format!("{name}@example.org");
        let token = world.invite(&root, &email, "user").await;
        let form = [("token", token.as_str()), ("display_name", name), ("password", NEW)];
        let done = send(&world, path, &form).await.expect(200);
        assert_language(&done, tag);
        assert_eq!(locale_of(&email).await, tag);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_request_is_explained_in_the_language_of_the_browser() {
    let options = Options::default().with_limits().set("LIMIT_LINK_REQUEST", "1/60");
    let world = World::with(options).await;
    let ask = [("action", "send"), ("email", "ada@example.org")];

    send(&world, RESET, &ask).await.expect(200);
    let refused = send(&world, RESET, &ask).await.expect(429);

    assert_language(&refused, "de");
    assert!(refused.text.contains("zu viele Versuche"), "{}", refused.text);
    assert!(refused.text.contains("Minute noch einmal."), "{}", refused.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_request_is_explained_in_the_language_of_the_browser() {
    let world = World::new().await;
    world.sql("alter table links rename to lost").await;

    let asked = send(&world, RESET, &[("action", "send"), ("email", "ada@example.org")]).await;

    let asked = asked.expect(500);
    assert_language(&asked, "de");
    assert!(asked.text.contains("Der Dienst ist im Moment nicht verfügbar."), "{}", asked.text);
}
