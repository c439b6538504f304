//! Attacks through a browser: foreign origins, framing, scripts, redirects, content types.

use keyward_tests::{Options, World};
use reqwest::Method;

const JSON: &str = "application/json";
const PAGES: [&str; 5] =
    ["/verify-email", "/reset-password", "/confirm-email", "/undo-email", "/docs"];

#[tokio::test(flavor = "multi_thread")]
async fn no_origin_is_allowed_by_default() {
    let world = World::new().await;

    for origin in ["https://evil.example", "null", &world.url] {
        let request = world.request(Method::GET, "/health/live").header("origin", origin);
        let reply = world.send(request).await.expect(200);
        assert_eq!(reply.header("access-control-allow-origin"), "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_configured_origins_are_allowed() {
    let app = "https://app.example";
    let world = World::with(Options::default().set("CORS_ORIGINS", app)).await;
    let preflight = async |origin: &str| {
        let request = world.request(Method::OPTIONS, "/v1/users/me").header("origin", origin);
        let request = request.header("access-control-request-method", "PATCH");
        let asked = "authorization,content-type";
        world.send(request.header("access-control-request-headers", asked)).await
    };
    let get = async |origin: &str| {
        let request = world.request(Method::GET, "/health/live").header("origin", origin);
        world.send(request).await
    };

    let good = preflight(app).await.expect(200);
    assert_eq!(good.header("access-control-allow-origin"), app);
    assert!(good.header("access-control-allow-methods").contains("PATCH"));
    assert_eq!(good.header("access-control-allow-credentials"), "");
    assert_eq!(get(app).await.expect(200).header("access-control-allow-origin"), app);
    assert!(get(app).await.header("vary").to_lowercase().contains("origin"));
    for evil in [
        "https://evil.example",
        "https://app.example.evil.example",
        "http://app.example",
        "https://app.example:8443",
        "https://APP.example",
        "null",
    ] {
        assert_eq!(preflight(evil).await.header("access-control-allow-origin"), "", "{evil}");
        assert_eq!(get(evil).await.header("access-control-allow-origin"), "", "{evil}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn own_pages_work_with_any_configured_origins() {
    let options = Options::default().set("CORS_ORIGINS", "https://app.example");
    let world = World::with(options).await;

    let form = [("action", "send"), ("email", "ada@example.org")];
    let request = world.request(Method::POST, "/reset-password").form(&form);
    let reply = world.send(request.header("origin", &world.url)).await;

    reply.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_method_is_405_and_lists_the_allowed_methods() {
    let world = World::new().await;

    for (path, allow) in [
        ("/v1/users", "GET, HEAD, POST"),
        ("/v1/users/me", "DELETE, GET, HEAD, PATCH"),
        ("/v1/sessions/current", "DELETE"),
        ("/v1/password-resets/confirm", "POST"),
        ("/.well-known/jwks.json", "GET, HEAD"),
        ("/openapi.json", "GET, HEAD"),
        ("/docs", "GET, HEAD"),
        ("/health/live", "GET, HEAD"),
        ("/health/ready", "GET, HEAD"),
        ("/verify-email", "GET, HEAD, POST"),
        ("/reset-password", "GET, HEAD, POST"),
        ("/confirm-email", "GET, HEAD, POST"),
        ("/undo-email", "GET, HEAD, POST"),
    ] {
        for method in ["PUT", "OPTIONS", "TRACE", "PROPFIND", "get"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let reply = world.send(world.request(method.clone(), path)).await;
            let found = (reply.status.as_u16(), reply.header("allow"));
            assert_eq!(found, (405, allow), "{method} {path}");
            assert_eq!(reply.code(), "method_not_allowed");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_application_json_is_accepted_as_json() {
    let world = World::new().await;
    let body = r#"{"email":"ada@example.org"}"#;
    let post = async |media_type: Option<&str>| {
        let mut request = world.request(Method::POST, "/v1/password-resets").body(body);
        if let Some(media_type) = media_type {
            request = request.header("content-type", media_type);
        }
        world.send(request).await
    };

    for other in [
        None,
        Some(""),
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/jsonp"),
        Some("application/problem+json"),
        Some("text/plain; application/json"),
        Some("application/json; charset=utf-16"),
    ] {
        post(other).await.expect_problem(415, "wrong_media_type");
    }

    for json in [JSON, "application/json; charset=utf-8", "Application/JSON"] {
        let reply = post(Some(json)).await.expect(202);
        assert_eq!(reply.header("content-type"), JSON);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_cannot_be_framed_and_run_only_their_own_scripts() {
    let world = World::new().await;

    for page in PAGES {
        let reply = world.get(page).await.expect(200);
        let policy = reply.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; "), "{page}: {policy}");
        for rule in ["frame-ancestors 'none'", "base-uri 'none'", "form-action '"] {
            assert!(policy.contains(rule), "{page}: {policy}");
        }
        let scripts = policy.split("; ").find(|rule| rule.starts_with("script-src")).unwrap();
        assert!(!scripts.contains("unsafe") && !scripts.contains('*'), "{page}: {scripts}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn urls_are_neither_reflected_nor_followed() {
    let world = World::new().await;
    let evil = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";

    for page in PAGES {
        for path in [
            format!("{page}?token={evil}&email={evil}&next=https://evil.example"),
            format!("{page}?url=https://evil.example/openapi.json&configUrl=//evil.example"),
            format!("{page}/..//evil.example/"),
            format!("/{page}"),
            format!("{page}/https://evil.example"),
        ] {
            let reply = world.get(&path).await;
            assert_eq!(reply.header("location"), "", "{path}");
            assert!(!reply.text.contains("alert(1)"), "{path}");
            assert!(!reply.text.contains("evil.example"), "{path}");
            assert!(!reply.status.is_redirection(), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn form_with_another_content_type_is_rejected() {
    let world = World::new().await;

    for page in &PAGES[..4] {
        for kind in ["text/plain", JSON, "multipart/form-data; boundary=x"] {
            let request = world.request(Method::POST, page).header("content-type", kind);
            let reply = world.send(request.body("token=x")).await;
            reply.expect_problem(415, "wrong_media_type");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn restored_links_lead_to_their_page_only() {
    let world = World::new().await;

    for page in &PAGES[..4] {
        for rest in [
            "%23https://evil.example",
            "%23//evil.example/x",
            "%2523%0d%0aset-cookie:%20evil=1",
            "/%23javascript:evil()",
            "%23%22%3E%3Cscript%3Eevil()%3C/script%3E",
            "//evil.example%23token",
            "%2F%2Fevil.example%2523token",
            "@evil.example%23token",
            "%5C%5Cevil.example%23token",
        ] {
            let reply = world.get(&format!("{page}{rest}")).await;
            let location = reply.header("location");
            let fragment = location.strip_prefix(*page).and_then(|rest| rest.strip_prefix('#'));
            let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            let is_safe = location.is_empty()
                || location == *page
                || fragment.is_some_and(|fragment| fragment.chars().all(is_plain));
            assert!(is_safe && !location.contains("evil"), "{page}{rest}: {location}");
            assert_eq!(reply.header("set-cookie"), "", "{page}{rest}");
            assert!(!reply.text.contains("evil"), "{page}{rest}: {}", reply.text);
        }
    }
}
