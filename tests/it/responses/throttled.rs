//! The limit of every route that has one.

use keyward_tests::{Options, Route, World};
use serde_json::json;

use super::callers::Callers;

#[tokio::test(flavor = "multi_thread")]
async fn request_over_the_limit_is_429() {
    let limits = [
        "LINK_REQUEST",
        "LINK_USE",
        "REGISTRATION",
        "LOGIN",
        "LOGIN_ACCOUNT",
        "REAUTHENTICATION",
        "SERVICE_TOKEN",
    ];
    let set = |options: Options, name| options.set(&format!("LIMIT_{name}"), "1/3600");
    let options = limits.into_iter().fold(Options::default().with_limits(), set);
    // Without a worker: an email would need a link to confirm, which the limit would refuse.
    let world = World::with(options.without_worker()).await;
    let callers = Callers::prepare(&world).await;

    for (nth, route) in Route::with_status(429).iter().enumerate() {
        // Another network for each route; those that take a password share the account's limit.
        let ask = async || {
            let request = route.request(&world, &route.template, callers.service_of(route));
            let request = request.header("x-forwarded-for", format!("198.51.100.{nth}"));
            world.send(request.json(&json!({}))).await
        };
        ask().await;
        let reply = ask().await;
        assert_eq!(reply.status, 429, "{}: {}", route.name, reply.text);
        assert!(!reply.header("retry-after").is_empty(), "{}", route.name);
    }
}
