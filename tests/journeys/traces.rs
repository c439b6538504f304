use keyward_stack::mail_sink::Behaviour;
use keyward_tests::{Cluster, until};
use reqwest::Method;
use serde_json::json;
use tokio::net::TcpListener;

use crate::collector::{Collector, Span};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const UNRECORDED: &str = "11111111111111111111111111111111";
const CALLER: &str = "b7ad6b7169203331";

#[tokio::test(flavor = "multi_thread")]
async fn a_request_and_its_effects_are_one_trace() {
    let collector = Collector::start().await;
    let cluster = Cluster::with(&[
        ("OTLP_ENDPOINT", collector.url.as_str()),
        ("TRUSTED_PROXIES", "127.0.0.1"),
    ])
    .await;
    let (api, worker) = (cluster.start_api().await, cluster.start_worker().await);
    cluster.mail.behave(Behaviour::reply("451 4.3.0 canary@example.org: later").times(1));

    let request = cluster
        .request(Method::POST, "/v1/users")
        .header("traceparent", format!("00-{TRACE}-{CALLER}-01"))
        .header("x-request-id", "req-42")
        .header("user-agent", "canary-agent")
        .header("x-forwarded-for", "203.0.113.77")
        .json(&json!({"email": "canary@example.org", "password": "canary passphrase",
                      "display_name": "Canary"}));
    cluster.send(request).await.expect(202);
    cluster.get("/v1/users/me?canary=query").await.expect(401);
    // A request with the sampled flag unset is not recorded.
    let request = cluster.request(Method::GET, "/v1/users/me");
    let parent = format!("00-{UNRECORDED}-{CALLER}-00");
    cluster.send(request.header("traceparent", parent)).await.expect(401);
    let trace = until("the attempt to send the email is in the trace", async || {
        let mut spans = collector.spans();
        spans.retain(|span| span.trace_id == TRACE);
        let has = |name: &str| spans.iter().any(|span| span.name == name);
        (has("verification-email") && has("POST /v1/users")).then_some(spans)
    })
    .await;

    let mut chain = Vec::new();
    let mut next = named(&trace, "smtp");
    loop {
        chain.push((next.service.as_str(), next.name.as_str(), next.kind));
        match trace.iter().find(|span| span.span_id == next.parent_id) {
            Some(parent) => next = parent,
            None => break,
        }
    }
    // Kinds: 2 server, 3 client, 4 producer, 5 consumer.
    assert_eq!(
        chain,
        [
            ("keyward-worker", "smtp", 3),
            ("keyward-worker", "verification-email", 5),
            ("keyward-worker", "consume user.registered", 5),
            ("keyward-worker", "publish user.registered", 4),
            ("keyward-api", "POST /v1/users", 2),
        ]
    );
    assert_eq!(next.parent_id, CALLER, "the caller's span is the root");
    assert_eq!(next.attributes["http.route"], "/v1/users");
    assert_eq!(next.attributes["http.request.method"], "POST");
    assert_eq!(next.attributes["http.response.status_code"], "Some(IntValue(202))");
    let attempt = named(&trace, "verification-email");
    assert_eq!(attempt.attributes["request.id"], "req-42");
    assert_eq!(attempt.attributes["job.outcome"], "failed");
    assert_eq!(named(&trace, "smtp").attributes["mail.outcome"], "deferred");
    let command = named(&trace, "register_user");
    assert_eq!(command.parent_id, next.span_id, "the command is a child of the request");
    // A request without a trace starts one.
    let me = until("the second request was exported", async || {
        collector.spans().into_iter().find(|span| span.name == "GET /v1/users/me")
    })
    .await;
    assert_ne!(me.trace_id, TRACE);
    assert_eq!(me.parent_id, "");
    assert_no_canary(&collector.bytes());
    api.stop().await;
    worker.stop().await;
    assert!(collector.spans().iter().all(|span| span.trace_id != UNRECORDED));
    cluster.clear().await;
}

fn named<'a>(trace: &'a [Span], name: &str) -> &'a Span {
    trace.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no {name}: {trace:#?}"))
}

#[track_caller]
fn assert_no_canary(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    assert!(text.contains("keyward-api"), "the bytes are a trace");
    for word in ["canary", "example.org", "passphrase", "203.0.113.77"] {
        assert!(!text.contains(word), "{word} is in the traces");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_collector_delays_no_request() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let cluster = Cluster::with(&[("OTLP_ENDPOINT", &url)]).await;
    let (api, worker) = (cluster.start_api().await, cluster.start_worker().await);

    let ada = cluster.account("ada").await;
    let (access, _) = cluster.log_in(&ada).await;
    for _ in 0..2_000 {
        cluster.me(&access).await.expect(200);
    }
    cluster.settle().await;

    assert!(silent.accept().await.is_ok(), "the API connected to it");
    until("the log reports it, once", async || {
        let output = api.log().matches("trace collector unavailable").count();
        assert!(output < 2, "{}", api.log());
        (output == 1).then_some(())
    })
    .await;
    api.stop().await;
    worker.stop().await;
    cluster.clear().await;
}
