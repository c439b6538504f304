use keyward_tests::World;
use reqwest::Method;

use super::{KIND, ids, plant};

const ACTIONS: [&str; 5] = [
    "/jobs/all",
    "/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV/retry",
    "/queues/verification-email/pause",
    "/suppressions/00000000-0000-0000-0000-000000000000/lift",
    "/unreadable/00000000-0000-0000-0000-000000000000/discard",
];

/// Every path of the operations listener, and some unknown ones.
fn paths() -> Vec<String> {
    let known = keyward_worker::guarded_paths().into_iter().map(|path| {
        let named = path.replace(":name", "board.css").replace(":queue", KIND);
        let named = named.replace(":id", "01ARZ3NDEKTSV4RRFFQ69G5FAV").replace(":action", "retry");
        assert!(!named.contains([':', '*']), "{path} needs a value here");
        named
    });
    let unknown = ["/nowhere", "/jobs/", "/health", "/health/live/", "//"];
    known.chain(unknown.map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn health_alone_needs_no_credentials() {
    let world = World::with_operations().await;
    let alive = world.send(world.ops_request(Method::GET, "/health/live")).await.expect(200);
    assert_eq!(alive.text, "live\n");
    let token = world.settings()["SIGNING_KEYS"].clone();
    assert!(paths().len() > 12, "every path is listed");
    for path in paths() {
        for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::OPTIONS] {
            let request = || world.ops_request(method.clone(), &path);
            for request in [
                request(),
                request().basic_auth("ada", Some("")),
                request().basic_auth("ada", Some("the-viewer-of-this-test--")),
                request().basic_auth("eve", Some("the-operator-of-this-test")),
                request().bearer_auth(&token),
            ] {
                let refused = world.send(request).await.expect(401);
                assert!(refused.header("www-authenticate").starts_with("Basic realm="), "{path}");
                assert_eq!(refused.text, "", "{method} {path}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_response_has_a_strict_policy() {
    let world = World::with_operations().await;
    // Not `/live`, whose body never ends.
    for path in paths().into_iter().filter(|path| path != "/live") {
        let reply = world.look(&path).await;
        let policy = reply.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{path}");
        let cache = reply.header("cache-control");
        assert!(cache == "no-store" || cache.starts_with("private"), "{path}: {cache}");
        for outside in ["http:", "https:", " style=", "<script>", "onclick"] {
            let text = reply.text.replace("http://www.w3.org/2000/svg", "");
            assert!(!text.contains(outside), "{path} has {outside}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn viewer_sees_everything_and_changes_nothing() {
    let world = World::with_operations().await;
    plant(&world, KIND, "dead", "550 never", 1).await;
    let id = ids(&world, KIND).await.remove(0);
    let job = format!("/jobs/{id}");
    let list = format!("/jobs?state=dead&queue={KIND}");
    for path in ["/", &list, &job, "/audit", "/trace"] {
        let page = world.look_as_viewer(path).await.expect(200).text;
        assert!(page.contains("bob"), "{path}");
        assert!(!page.contains("method=\"post\""), "{path} has a button");
        assert!(!page.contains("Retry: all"), "{path} has a button");
    }
    world.look_as_viewer("/jobs/all?action=retry&state=dead").await.expect(403);
    for path in ACTIONS {
        let refused = world.act_as_viewer(path).await.expect(403);
        assert_eq!(refused.text, "viewers cannot change anything\n");
    }
    world.act_as_viewer(&format!("/jobs/{id}/retry")).await.expect(403);
    assert_eq!(super::count(&world, KIND, "Killed").await, 1);
    assert!(world.look("/audit").await.text.contains("There are no actions yet"));
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_page_cannot_act_for_an_operator() {
    let world = World::with_operations().await;
    let path = format!("/queues/{KIND}/pause");
    let host = world.ops.clone();
    for header in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("x-nothing", "at all"),
    ] {
        let request = world.act_request(&path, &[]).header(header.0, header.1);
        let refused = world.send(request).await.expect(403);
        assert!(refused.text.starts_with("only pages of the board can do this"), "{header:?}");
    }
    // `Sec-Fetch-Site` is set by the browser, not by the page.
    let both = world.act_request(&path, &[]).header("sec-fetch-site", "cross-site");
    world.send(both.header("origin", &host)).await.expect(403);
    assert_eq!(world.count("queue_pauses").await, 0);

    world.send(world.act_request(&path, &[]).header("origin", &host)).await.expect(303);
    assert_eq!(world.count("queue_pauses").await, 1);
    // Reading is harmless from any origin.
    let request = world.ops_request(Method::GET, "/").header("sec-fetch-site", "cross-site");
    world.send(request.basic_auth("ada", Some("the-operator-of-this-test"))).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn board_never_redirects_elsewhere() {
    let world = World::with_operations().await;
    for back in ["https://evil.example/", "//evil.example/", "/\\evil.example"] {
        let path = format!("/queues/{KIND}/pause");
        let request = world.act_request(&path, &[("back", back)]);
        let reply = world.send(request.header("sec-fetch-site", "same-origin")).await.expect(303);
        assert_eq!(reply.header("location"), "/?did=pause&n=1", "{back}");
    }
}
