//! The size of the responses to bad input.

use keyward_tests::{Reply, Route, Takes, World};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// Maximum size of such a response, in bytes.
const MAX_BYTES: usize = 8 * 1024;
/// Almost the maximum size of a body.
const LONG: usize = 60_000;

async fn send(world: &World, request: RequestBuilder, body: &Value) -> Reply {
    let body = body.to_string();
    let start: String = body.chars().take(60).collect();
    let reply = world.send(request.header("content-type", "application/json").body(body)).await;
    assert!(reply.status.is_client_error(), "{start}: {}", reply.status);
    assert!(reply.text.len() < MAX_BYTES, "{start}: {} bytes", reply.text.len());
    reply
}

/// An object with as many members as a body can have, each with a name of `length` characters.
fn members(length: usize, filler: &str) -> Value {
    let name = |nth| format!("{nth:0>4}{}", filler.repeat(length));
    let names = (0..LONG / (length + 10)).map(name);
    Value::Object(names.map(|name| (name, json!(0))).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_bodies_get_a_small_response() {
    let world = World::new().await;
    let admin = world.administrator("root").await;

    for route in Route::all().iter().filter(|route| route.takes == Takes::Json) {
        let path = route.path("01a2049e-c8a0-71fa-b68f-95548df6bf78");
        let request = || route.request(&world, &path, &admin);
        let mut bodies = vec![members(0, ""), members(500, "/"), members(LONG - 20, "~")];
        for (name, _) in route.schema["properties"].as_object().into_iter().flatten() {
            bodies.extend([
                json!({name: "x".repeat(LONG)}),
                json!({name: vec!["x"; LONG / 4]}),
                json!({name: vec![0; LONG / 4]}),
                json!({name: members(0, "")}),
            ]);
        }
        for body in bodies {
            send(&world, request(), &body).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn response_names_some_unknown_members_and_counts_the_rest() {
    let world = World::new().await;

    let request = world.request(Method::POST, "/v1/sessions");
    let reply = send(&world, request, &members(0, "")).await.expect_problem(422, "invalid");

    let errors = reply.json()["errors"].as_array().unwrap().clone();
    let required: Vec<_> = errors[..2].iter().map(|error| error["pointer"].clone()).collect();
    assert_eq!(required, ["/email", "/password"]);
    assert_eq!(errors.len(), 2 + 20 + 1);
    let last = json!({
        "pointer": "", "code": "unknown_member", "detail": "5980 more members do not exist",
    });
    assert_eq!(errors.last(), Some(&last));
}

/// Sends an odd request. Fails if the response is not small, head included.
async fn expect_small(request: RequestBuilder, what: &str) {
    let reply = request.send().await.unwrap();
    let status = reply.status();
    let head: usize =
        reply.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    let body = reply.bytes().await.unwrap().len();
    assert!(!status.is_server_error(), "{what}: {status}");
    assert!(head + body < MAX_BYTES, "{what}: {head} + {body} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_paths_and_parameters_get_a_small_response() {
    let world = World::new().await;
    let admin = world.administrator("root").await;
    let long = "x".repeat(20_000);
    let many = |parameter: &str| parameter.repeat(20_000 / parameter.len());

    for path in [
        format!("/{long}"),
        format!("/v1/users?cursor={long}"),
        format!("/v1/users?limit={long}"),
        format!("/v1/users?role={long}"),
        format!("/v1/users?{long}"),
        format!("/v1/users?{}", many("x=1&")),
        format!("/v1/users?{}", many("limit=1&")),
        format!("/v1/users?{}", (0..3_000).map(|nth| format!("p{nth}&")).collect::<String>()),
        format!("/v1/users/{long}"),
        format!("/v1/users/{}", many("%ff")),
        format!("/v1/avatars/{long}"),
        format!("/assets/{long}"),
        format!("/problems/{long}"),
    ] {
        let request = world.request(Method::GET, &path).bearer_auth(&admin);
        let start: String = path.chars().take(30).collect();
        expect_small(request, &start).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_headers_get_a_small_response() {
    let world = World::new().await;
    let long = "x".repeat(20_000);

    for name in [
        "accept",
        "accept-language",
        "authorization",
        "content-type",
        "cookie",
        "forwarded",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "origin",
        "traceparent",
        "user-agent",
        "x-forwarded-for",
        "x-request-id",
    ] {
        // Without a body, which is an error whatever the header means.
        let request = world.request(Method::POST, "/v1/users").header(name, &long);
        expect_small(request, name).await;
    }
    let heads = (0..3_000).fold(world.request(Method::GET, "/v1/users"), |request, nth| {
        request.header(format!("x-{nth}"), "x")
    });
    expect_small(heads, "many headers").await;
}
