//! The routes that take an `Idempotency-Key`.

use futures_util::future::join_all;
use keyward_tests::{Options, Route, Takes, World, until};
use reqwest::RequestBuilder;
use sqlx::Executor as _;

use super::requests::Requests;

const KEY: &str = "Idempotency-Key";

/// Routes whose POST is single-use by nature, or carries its own id.
const WITHOUT_KEY: [&str; 9] = [
    "POST /v1/email-changes/confirm",
    "POST /v1/email-changes/undo",
    "POST /v1/email-verifications/confirm",
    "POST /v1/mail-reports/mailgun",
    "POST /v1/mail-reports/sendgrid",
    "POST /v1/password-resets/confirm",
    "POST /v1/sessions",
    "POST /v1/sessions/refresh",
    "POST /v1/tokens/introspect",
];

fn keyed() -> Vec<Route> {
    let mut routes = Route::all();
    routes.retain(|route| route.has_parameter(KEY));
    routes
}

/// Whether the request that [`Requests`] makes succeeds: it names an existing object.
fn succeeds(route: &Route) -> bool {
    !route.template.contains("{mail_id}") && !route.template.contains("{delivery_id}")
}

#[test]
fn every_post_takes_a_key_or_is_single_use() {
    for route in Route::all() {
        let expected = route.method == "POST" && !WITHOUT_KEY.contains(&route.name.as_str());
        assert_eq!(route.has_parameter(KEY), expected, "{}", route.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_replayed_and_one_in_progress_is_409() {
    // One connection for each request that waits for Postgres.
    let world = World::with(Options::burst()).await;
    let requests = Requests::prepare(&world).await;
    world.settle().await;
    let routes = keyed();
    let keyed = |route: &Route| with_key(requests.request(&world, &world.url, route), route);

    let mut lock = world.db.begin().await.unwrap();
    lock.execute("lock table idempotency_records in access exclusive mode").await.unwrap();
    let first = join_all(routes.iter().map(async |route| world.send(keyed(route)).await));
    let second = async {
        let waiting = routes.len() as i64;
        until("every first request is in progress", async || {
            (world.waiting_for_locks().await >= waiting).then_some(())
        })
        .await;
        let replies =
            join_all(routes.iter().map(async |route| world.send(keyed(route)).await)).await;
        lock.rollback().await.unwrap();
        replies
    };
    let (first, second) = tokio::join!(first, second);

    for ((route, first), second) in routes.iter().zip(first).zip(second) {
        second.expect_problem(409, "idempotency_in_progress");
        assert_eq!(first.status.is_success(), succeeds(route), "{}: {}", route.name, first.text);
        assert_eq!(first.header("idempotency-replayed"), "", "{}", route.name);
        let third = world.send(keyed(route)).await;
        if succeeds(route) {
            assert_eq!(third.header("idempotency-replayed"), "true", "{}", route.name);
            assert_eq!((third.status, &third.text), (first.status, &first.text), "{}", route.name);
            assert_eq!(third.header("location"), first.header("location"), "{}", route.name);
            assert_eq!(third.header("etag"), first.header("etag"), "{}", route.name);
            let other = world.send(another(&requests, &world, route)).await;
            other.expect_problem(422, "idempotency_key_reused");
        } else {
            assert_eq!(third.header("idempotency-replayed"), "", "a refusal is not recorded");
            assert_eq!(third.code(), first.code(), "{}", route.name);
        }
    }
}

/// Another request with the same key: to another object, or with another body.
fn another(requests: &Requests, world: &World, route: &Route) -> RequestBuilder {
    let request = if route.takes == Takes::Nothing {
        let path = route.path("01a2049e-c8a0-71fa-b68f-95548df6bf78");
        route.request(world, &path, requests.callers.of(route))
    } else {
        let mut body = requests.body(&route.name);
        let (member, value) = match route.name.as_str() {
            "POST /v1/users" | "POST /v1/invitations/accept" => ("display_name", "Someone else"),
            "POST /v1/service-tokens" => ("name", "another"),
            "POST /v1/webhooks" => ("description", "another"),
            _ => ("email", "someone.else@example.org"),
        };
        body[member] = value.into();
        let path = route.path("");
        route.request(world, &path, requests.callers.of(route)).json(&body)
    };
    with_key(request, route)
}

fn with_key(request: RequestBuilder, route: &Route) -> RequestBuilder {
    request.header(KEY, route.name.replace(' ', "-"))
}
