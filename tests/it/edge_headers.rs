//! Security headers on every route.

use keyward_tests::{Options, Reply, Route, World};
use reqwest::Method;
use serde_json::{Value, json};

/// Every documented route with a concrete path, and the pages.
fn routes() -> Vec<(Method, String)> {
    let routes = Route::all().into_iter();
    let routes =
        routes.map(|route| (route.method.clone(), route.path("default-00000000000000000000.svg")));
    let others = [
        "/verify-email",
        "/reset-password",
        "/confirm-email",
        "/undo-email",
        "/docs",
        "/openapi.json",
        "/health/live",
        "/health/ready",
        "/v1/nowhere",
    ];
    routes.chain(others.map(|path| (Method::GET, path.to_owned()))).collect()
}

async fn ask(world: &World, method: &Method, path: &str) -> Reply {
    let request = world.request(method.clone(), path);
    let request = if *method == Method::GET { request } else { request.json(&json!({})) };
    world.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_response_carries_the_security_headers() {
    let world = World::new().await;

    for (method, path) in routes() {
        let reply = ask(&world, &method, &path).await;

        let route = format!("{method} {path}: {}", reply.status);
        assert!(!reply.status.is_server_error(), "{route}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{route}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{route}");
        let csp = reply.header("content-security-policy");
        assert!(csp.contains("default-src 'none'"), "{route}: {csp}");
        assert!(
            csp.contains("frame-ancestors 'none'") || csp.contains("sandbox"),
            "{route}: {csp}"
        );
        assert!(!csp.contains("unsafe-eval") && !csp.contains('*'), "{route}: {csp}");
        assert_eq!(reply.headers.get_all("content-security-policy").iter().count(), 1);
        assert!(!reply.header("x-request-id").is_empty(), "{route}");
        for tells in ["server", "x-powered-by", "access-control-allow-origin", "set-cookie"] {
            assert!(reply.headers.get(tells).is_none(), "{route}: {tells}");
        }
        assert_eq!(reply.header("strict-transport-security"), "", "PUBLIC_URL is http");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_public_responses_are_cacheable() {
    let world = World::new().await;

    for (method, path) in routes() {
        let reply = ask(&world, &method, &path).await;
        let caching = reply.header("cache-control");
        let expected = match &*path {
            "/docs" | "/openapi.json" => caching == "no-cache",
            "/.well-known/jwks.json" => caching.starts_with("public"),
            path if path.starts_with("/v1/avatars/") => caching.starts_with("public"),
            _ => caching == "no-store",
        };
        assert!(expected, "{method} {path}: {caching}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn https_site_sends_hsts() {
    let world = World::with(Options::default().set("PUBLIC_URL", "https://id.example.test")).await;

    for path in ["/v1/users/me", "/verify-email", "/v1/nowhere"] {
        let reply = world.get(path).await;
        assert_eq!(
            reply.header("strict-transport-security"),
            "max-age=31536000; includeSubDomains"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_reports_readiness() {
    let world = World::new().await;

    let live = world.get("/health/live").await.expect(200).json();
    let ready = world.get("/health/ready").await.expect(200).json();

    assert_eq!(live, json!({"status": "live"}));
    assert_eq!(ready, json!({"status": "ready", "degraded": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn served_document_is_the_generated_one() {
    let world = World::new().await;

    let reply = world.get("/openapi.json").await.expect(200);

    assert_eq!(reply.header("content-type"), "application/json");
    let served: Value = serde_json::from_str(&reply.text).unwrap();
    assert_eq!(served, keyward_api::openapi_document().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_documentation_load_nothing_external() {
    let world = World::new().await;

    for path in ["/docs", "/verify-email", "/reset-password", "/confirm-email", "/undo-email"] {
        let reply = world.get(path).await.expect(200);
        assert!(reply.header("content-type").starts_with("text/html"), "{path}");
        for attribute in ["src=", "href=", "action=", "url(", "@import"] {
            for rest in reply.text.split(attribute).skip(1) {
                let target = rest.trim_start_matches(['"', '\'', ' ']);
                let is_outside = ["http:", "https:", "//"].iter().any(|s| target.starts_with(s));
                let start: String = target.chars().take(60).collect();
                assert!(!is_outside, "{path}: {attribute}{start}");
            }
        }
    }
}
