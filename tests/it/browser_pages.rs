//! What browsers get besides the pages of links, and links that were changed on their way.

use keyward_tests::{Options, Reply, World};
use reqwest::Method;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const HTML: &str = "text/html; charset=utf-8";
const NEGOTIATED: &str = "accept, accept-language";
const PROBLEM: &str = "application/problem+json";

async fn browse(world: &World, path: &str) -> Reply {
    world.send(world.request(Method::GET, path).header("accept", BROWSER)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn start_page_names_the_product_and_leads_to_the_application() {
    let settings = Options::default()
        .set("PRODUCT_NAME", "Acme & Sons")
        .set("APP_URL", "https://app.example.org/?a=1&b=2")
        .set("SUPPORT_EMAIL", "help+acme@example.org");
    let world = World::with(settings).await;

    let page = browse(&world, "/").await.expect(200);

    assert_eq!((page.header("content-type"), page.header("vary")), (HTML, NEGOTIATED));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; script-src"));
    let link = "<a class=\"button\" href=\"https://app.example.org/?a=1&amp;b=2\">\
                Continue to Acme &amp; Sons</a>";
    assert!(page.text.contains(link), "{}", page.text);
    let help = "<a dir=\"ltr\" href=\"mailto:help%2Bacme@example.org\">help+acme@example.org</a>";
    assert!(page.text.contains(help), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_have_no_link_that_is_not_configured() {
    let world = World::new().await;

    let start = browse(&world, "/").await.expect(200);
    let unknown = browse(&world, "/nowhere").await.expect(404);

    for page in [start, unknown] {
        let links = page.text.matches("<a ").count();
        assert_eq!(links, page.text.matches("<a href=\"?lang=").count(), "{}", page.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_path_is_a_page_for_browsers_and_a_problem_for_others() {
    let world = World::new().await;

    for path in ["/nowhere", "/verify-email/nowhere", "/assets/nothing.css", "/.well-known/nothing"]
    {
        let page = browse(&world, path).await.expect(404);
        let found = (page.header("content-type"), page.header("vary"));
        assert_eq!(found, (HTML, NEGOTIATED), "{path}");
        assert!(page.text.contains("This page does not exist"), "{path}");
        assert!(!page.text.contains("nowhere"), "{path}");
    }
    for path in ["/", "/nowhere"] {
        for accept in ["*/*", "application/json;q=0.9, text/html;q=0.8", PROBLEM] {
            let request = world.request(Method::GET, path).header("accept", accept);
            let reply = world.send(request).await.expect_problem(404, "not_found");
            assert_eq!(reply.header("vary"), "accept", "{path} {accept}");
        }
    }
    let reply = browse(&world, "/v1/nowhere").await.expect_problem(404, "not_found");
    assert_eq!(reply.header("content-type"), PROBLEM);
    for method in [Method::POST, Method::DELETE] {
        let request = world.request(method, "/nowhere").header("accept", BROWSER);
        world.send(request).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn password_managers_find_the_page_that_changes_a_password() {
    let world = World::new().await;

    for method in [Method::GET, Method::HEAD] {
        let path = "/.well-known/change-password";
        let reply = world.send(world.request(method, path)).await.expect(303);
        assert_eq!(reply.header("location"), "/reset-password");
    }
    let nothing = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
    browse(&world, nothing).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_link_leads_to_its_page_and_is_not_used() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let token = world.reset_token(&ada.email).await;

    for path in [
        format!("/reset-password%23{token}"),
        format!("/reset-password%2523{token}"),
        format!("/reset-password/%23{token}%3E"),
        format!("/RESET-PASSWORD%23{token}."),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let reply = world.send(world.request(method, &path)).await.expect(303);
            assert_eq!(reply.header("location"), format!("/reset-password#{token}"), "{path}");
            assert_eq!(reply.header("referrer-policy"), "no-referrer");
            assert_eq!(reply.header("cache-control"), "no-store");
        }
    }
    for path in ["/reset-password/", "/Reset-Password", "/reset-password.", "/reset-password%3E"] {
        let reply = world.get(path).await.expect(303);
        assert_eq!(reply.header("location"), "/reset-password", "{path}");
    }
    world.confirm_reset(&token, "a better passphrase").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn form_takes_the_token_of_a_changed_link() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    let token = world.link_token(&ada.email, "/verify-email").await;
    let pasted = format!(
        "https://eur01.safelinks.protection.outlook.com/?url={}%2Fverify-email%23{token}&data=05",
        world.url.replace(':', "%3A").replace('/', "%2F"),
    );

    let form = [("token", pasted)];
    world.send(world.request(Method::POST, "/verify-email").form(&form)).await.expect(200);

    world.log_in(&ada).await;
}
