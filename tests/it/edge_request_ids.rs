//! Request ids and traces, and how events and jobs carry them.

use keyward_tests::{Endpoint, World, registration};
use reqwest::{Method, header::HeaderValue};
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn valid_request_id_is_echoed_and_any_other_replaced() {
    let world = World::new().await;

    for sane in ["a", "req-1", "A_b.c:9", &"x".repeat(128)] {
        let request = world.request(Method::GET, "/v1/users/me").header("x-request-id", sane);
        let reply = world.send(request).await.expect(401);
        assert_eq!(
            (reply.header("x-request-id"), &reply.json()["request_id"]),
            (sane, &sane.into())
        );
    }
    let strange = ["", " ", "a b", "a\tINFO forged", "<script>", "a;b", "$(id)", &"x".repeat(129)];
    let strange = strange.into_iter().map(|id| HeaderValue::from_str(id).unwrap());
    for id in strange.chain([HeaderValue::from_bytes(b"\xff\xfe").unwrap()]) {
        let request = world.request(Method::GET, "/v1/users/me").header("x-request-id", id);
        let reply = world.send(request).await.expect(401);
        Uuid::parse_str(reply.header("x-request-id")).expect("a generated id");
        assert_eq!(reply.json()["request_id"], reply.header("x-request-id"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn event_and_job_carry_the_request_id_and_trace() {
    let world = World::new().await;
    let trace_id = "0af7651916cd43dd8448eb211c80319c";

    let request = world
        .request(Method::POST, "/v1/users")
        .header("x-request-id", "from-the-client")
        .header("traceparent", format!("00-{trace_id}-b7ad6b7169203331-01"))
        .header("tracestate", "vendor=opaque")
        .json(&registration("ada@example.org"));
    world.send(request).await.expect(202);

    let event = world.envelopes("user.registered").await.remove(0);
    assert_eq!(event["trace"]["request_id"], "from-the-client");
    assert_eq!(event["trace"]["traceparent"].as_str().unwrap().split('-').nth(1), Some(trace_id));
    assert_eq!(event["trace"]["tracestate"], "vendor=opaque");
    world.settle().await;
    let (job, mail): (String, Uuid) =
        sqlx::query_as("select convert_from(job, 'utf8'), mail_id from apalis.jobs, mails")
            .fetch_one(&world.db)
            .await
            .unwrap();
    let job: Value = serde_json::from_str(&job).unwrap();
    assert_eq!((&job["trace"], &job["event_id"]), (&event["trace"], &event["event_id"]));
    let ids = json!({"kind": "verification", "mail_id": mail});
    assert_eq!(job["job"], ids, "the job contains only its kind and ids");
}

#[tokio::test(flavor = "multi_thread")]
async fn generated_request_id_is_stored_in_the_event() {
    let world = World::new().await;

    let reply = world.post("/v1/users", registration("ada@example.org")).await.expect(202);

    let event = world.envelopes("user.registered").await.remove(0);
    assert_eq!(event["trace"]["request_id"], reply.header("x-request-id"));
    assert_eq!(event["trace"]["traceparent"].as_str().unwrap().len(), 55);
}

#[tokio::test(flavor = "multi_thread")]
async fn webhook_carries_the_request_id_and_trace() {
    let (world, root) = World::with_webhooks().await;
    let endpoint = Endpoint::start().await;
    let webhook = world.webhook(&root, &endpoint.url(), &["user.registered"]).await;
    let trace_id = "0af7651916cd43dd8448eb211c80319c";

    let request = world
        .request(Method::POST, "/v1/users")
        .header("x-request-id", "from-the-client")
        .header("traceparent", format!("01-{trace_id}-b7ad6b7169203331-01-later"))
        .header("tracestate", "vendor=opaque")
        .json(&registration("ada@example.org"));
    world.send(request).await.expect(202);

    let received = endpoint.nth(1).await;
    assert_eq!(received.headers["x-request-id"], "from-the-client");
    assert_eq!(received.headers["traceparent"].split('-').nth(1), Some(trace_id));
    assert_eq!(received.headers["tracestate"], "vendor=opaque");
    world.delivery_in(&root, &webhook, "delivered", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_or_repeated_traceparent_starts_a_new_trace() {
    let world = World::new().await;
    let trace_id = "0af7651916cd43dd8448eb211c80319c";
    let parent = format!("00-{trace_id}-b7ad6b7169203331-01");

    for (nth, parents) in
        [vec![format!("{parent}-more")], vec![parent.clone(), parent]].iter().enumerate()
    {
        let request =
            world.request(Method::POST, "/v1/users").header("tracestate", "vendor=opaque");
        let request =
            parents.iter().fold(request, |request, one| request.header("traceparent", one));
        let body = registration(&format!("user{nth}@example.org"));
        world.send(request.json(&body)).await.expect(202);

        let event = world.envelopes("user.registered").await.remove(nth);
        assert_ne!(
            event["trace"]["traceparent"].as_str().unwrap().split('-').nth(1),
            Some(trace_id)
        );
        assert_eq!(event["trace"].get("tracestate"), None);
    }
}
