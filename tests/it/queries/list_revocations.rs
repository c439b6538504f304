use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use keyward_tests::{Follower, Options, Proxy, Traffic, World, until};
use serde_json::{Value, json};

const TYPES: [&str; 4] = ["session.ended", "user.deleted", "user.disabled", "user.role_changed"];

/// A world without a worker, an administrator, and a service token.
async fn world() -> (World, String, String) {
    let world = World::with(Options::default().without_worker()).await;
    let root = world.administrator_without_mail("root").await;
    let service = world.service_token(&root, &["revocations:read", "events:read"]).await.token;
    (world, root, service)
}

/// Starts a session and ends it.
async fn log_out(world: &World, url: &str) -> String {
    let root = world.log_in_again("root").await;
    let request = world.request_at(url, reqwest::Method::DELETE, "/v1/sessions/current");
    world.send(request.bearer_auth(&root)).await.expect(204);
    root
}

fn ids(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
}

/// The revocations that the event log has, in its order.
async fn logged(world: &World, service: &str, at_least: usize) -> Vec<String> {
    until("the log shows the events", async || {
        let reply = world.get_as(service, "/v1/events?limit=100").await.expect(200);
        let mut items = reply.items();
        items.retain(|item| TYPES.contains(&item["type"].as_str().unwrap()));
        (items.len() >= at_least).then(|| ids(&items))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn list_has_every_revocation_in_the_order_of_the_log() {
    let (world, root, service) = world().await;
    let other = world.administrator_without_mail("other").await;
    let id = world.user_id("other@example.org").await;
    let path = format!("/v1/users/{id}");

    world.put_if(&root, &format!("{path}/role"), "*", json!({"role": "user"})).await.expect(200);
    world.log_out(&other).await.expect(204);
    world.log_in_again("other").await;
    let disabled = json!({"status": "disabled"});
    world.put_if(&root, &format!("{path}/status"), "*", disabled).await.expect(200);
    world.delete_as(&root, &path).await.expect(204);

    let log = logged(&world, &service, 5).await;
    let page = world.revocations(&service, "?limit=100").await.expect(200);
    assert_eq!(ids(&page.items()), log);
    let types: Vec<_> = page.items().iter().map(|item| item["type"].clone()).collect();
    let expected =
        ["user.role_changed", "session.ended", "session.ended", "user.disabled", "user.deleted"];
    assert_eq!(json!(types), json!(expected));
    assert_eq!(page.items()[0]["data"]["role"], "user");
    assert_eq!(page.items()[2]["data"]["reason"], "disabled");

    // Page by page, with the cursors of the event log.
    let (mut cursor, mut paged) = (String::new(), Vec::new());
    while paged.len() < log.len() {
        let reply = world.revocations(&service, &format!("?limit=2{cursor}")).await.expect(200);
        paged.extend(ids(&reply.items()));
        cursor = format!("&cursor={}", reply.json()["next_cursor"].as_str().unwrap());
    }
    assert_eq!(paged, log);
    let end = world.revocations(&service, &format!("?limit=2{cursor}")).await.expect(200);
    assert_eq!(end.items().len(), 0);
    for bad in ["?cursor=x", "?limit=0"] {
        world.revocations(&service, bad).await.expect_problem(400, "parameter_invalid");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_goes_on_with_revocations_of_every_process() {
    let (mut world, _, service) = world().await;
    let other = world.another_api().await;
    for _ in 0..3 {
        log_out(&world, &world.url).await;
    }
    let mut follower = Follower::new(&world.url, &service, None).connected().await;
    let mut seen = ids(&follower.take(3).await);

    for nth in 0..6 {
        log_out(&world, if nth % 2 == 0 { &world.url } else { &other }).await;
    }
    seen.extend(ids(&follower.take(6).await));

    assert_eq!(seen, logged(&world, &service, 9).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_continues_behind_the_last_event_at_another_process() {
    let (mut world, _, service) = world().await;
    let other = world.another_api().await;
    let mut follower = Follower::new(&world.url, &service, None).connected().await;
    log_out(&world, &world.url).await;
    let mut seen = ids(&follower.take(1).await);

    for _ in 0..150 {
        log_out(&world, &world.url).await;
    }
    let mut next = Follower::new(&other, &service, follower.last_id.clone()).connected().await;
    drop(follower);
    seen.extend(ids(&next.take(150).await));
    log_out(&world, &world.url).await;
    seen.extend(ids(&next.take(1).await));

    let mut unique = seen.clone();
    unique.sort();
    unique.dedup();
    assert_eq!((seen.len(), unique.len()), (152, 152), "none is missing or repeated");
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_goes_on_without_nats() {
    let (mut world, _, service) = world().await;
    let nats = world.settings()["NATS_URL"].clone();
    let proxy = Proxy::to_server(&nats).await;
    let alone = world.another_api_with(&[("NATS_URL", &proxy.url(&nats))]).await;
    proxy.set(Traffic::Cut);
    let mut follower = Follower::new(&alone, &service, None).connected().await;

    log_out(&world, &world.url).await;
    log_out(&world, &alone).await;

    assert_eq!(ids(&follower.take(2).await), logged(&world, &service, 2).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn event_behind_a_running_transaction_is_not_skipped() {
    let (world, _, service) = world().await;
    let mut follower = Follower::new(&world.url, &service, None).connected().await;
    log_out(&world, &world.url).await;
    follower.take(1).await;

    // It has its id, and will insert an event before that of the logout.
    let mut older = world.db.begin().await.unwrap();
    sqlx::query("select pg_current_xact_id()").execute(&mut *older).await.unwrap();
    log_out(&world, &world.url).await;
    let early = tokio::time::timeout(Duration::from_millis(600), follower.next()).await;
    assert!(early.is_err(), "{early:?}");
    let id = uuid::Uuid::now_v7();
    sqlx::query(
        "insert into outbox (event_id, subject, occurred_at, envelope)
         values ($1, 'session.ended', now(), '{\"data\": {}}')",
    )
    .bind(id)
    .execute(&mut *older)
    .await
    .unwrap();
    older.commit().await.unwrap();

    assert_eq!(ids(&follower.take(2).await)[0], id.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_cursor_is_refused_before_the_stream_begins() {
    let (world, root, service) = world().await;
    let mut follower = Follower::new(&world.url, &service, Some("x".into()));
    follower.connect().await.unwrap().unwrap().expect_problem(400, "parameter_invalid");

    let log = world.get_as(&root, "/v1/events?limit=100").await.expect(200).json();
    let cursor = log["next_cursor"].as_str().map(str::to_owned);
    Follower::new(&world.url, &service, cursor.clone()).connected().await;
    world.sql("delete from outbox").await;
    let mut follower = Follower::new(&world.url, &service, cursor);
    follower.connect().await.unwrap().unwrap().expect_problem(400, "cursor_expired");
}

/// Prints how long a verifier that follows the stream accepts a token whose session has ended.
#[tokio::test(flavor = "multi_thread")]
async fn follower_learns_of_every_logout_and_prints_the_delay() {
    const LOGOUTS: usize = 100;
    let (mut world, _, service) = world().await;
    let other = world.another_api().await;
    let mut follower = Follower::new(&other, &service, None).connected().await;
    let follow = async {
        let mut learned = HashMap::new();
        while learned.len() < LOGOUTS {
            let event = follower.next().await.expect("the stream goes on");
            let session = event["data"]["session_id"].as_str().unwrap().to_owned();
            learned.insert(session, Instant::now());
        }
        learned
    };
    let log_out = async {
        let mut answered = Vec::new();
        for _ in 0..LOGOUTS {
            let root = world.log_in_again("root").await;
            world.log_out(&root).await.expect(204);
            answered.push((session_of(&root), Instant::now()));
        }
        answered
    };
    let (learned, answered) = futures_util::join!(follow, log_out);

    let mut delays: Vec<_> = answered
        .iter()
        .map(|(session, at)| learned[session].saturating_duration_since(*at))
        .collect();
    delays.sort_unstable();
    let (median, p99) = (delays[LOGOUTS / 2], delays[LOGOUTS * 99 / 100]);
    eprintln!(
        "from the answer to a logout until a follower knows it: median {median:?}, p99 {p99:?}"
    );
    assert_eq!(learned.len(), LOGOUTS);
}

/// The session of an access token.
fn session_of(token: &str) -> String {
    let claims = token.split('.').nth(1).unwrap();
    let claims =
        base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    claims["sid"].as_str().unwrap().to_owned()
}
