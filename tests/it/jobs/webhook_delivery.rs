use std::time::Duration;

use chrono::{DateTime, Utc};
use keyward_core::pipeline::webhook_fanout;
use keyward_tests::{Endpoint, Options, World};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

const QUEUE: &str = "webhook-delivery";

#[tokio::test(flavor = "multi_thread")]
async fn event_arrives_in_its_public_form_with_a_valid_signature() {
    let (world, root) = World::with_webhooks().await;
    let endpoint = Endpoint::start().await;
    let webhook = world.webhook(&root, &endpoint.url(), &["user.registered"]).await;

    world.register("ada").await;

    let got = endpoint.nth(1).await;
    assert_eq!(got.path, "/hooks?source=keyward");
    assert_eq!(got.headers["content-type"], "application/json");
    let event = world.envelopes("user.registered").await.pop().unwrap();
    assert_eq!(json!(got.headers["webhook-id"]), event["event_id"]);
    let expected = json!({"id": event["event_id"], "type": "user.registered",
                          "timestamp": event["occurred_at"], "data": event["data"]});
    assert_eq!(got.json(), expected);
    assert!(!got.body.contains("request_id") && !got.body.contains("ada@"), "{}", got.body);
    // The reference implementation of the Standard Webhooks specification.
    let theirs = standardwebhooks::Webhook::new(&webhook.secret).unwrap();
    let headers: HeaderMap = (&got.headers).try_into().unwrap();
    theirs.verify(got.body.as_bytes(), &headers).unwrap();
    let forged = got.body.replace("user.registered", "user.deleted");
    assert!(theirs.verify(forged.as_bytes(), &headers).is_err());
    world.delivery_in(&root, &webhook, "delivered", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_delivery_backs_off_and_is_finally_exhausted() {
    let (world, root) = World::with_webhooks().await;
    let endpoint = Endpoint::start().await;
    let webhook = world.webhook(&root, &endpoint.url(), &["user.registered"]).await;
    let answers = [
        "500 No",
        "404 No",
        "400 No",
        "301 Moved\r\nlocation: /other",
        "503 No",
        "429 No",
        "418 No",
        "502 No",
        "401 No",
        "500 No",
    ];
    answers.iter().for_each(|answer| endpoint.answers(answer));
    let waits_s = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

    world.register("ada").await;

    for (nth, wait_s) in (1..).zip(waits_s) {
        let delivery = world.delivery_in(&root, &webhook, "pending", nth).await;
        let time = |name: &str| delivery[name].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        let planned_s = (time("next_try_at") - time("updated_at")).num_seconds();
        assert!((wait_s - 1..=wait_s).contains(&planned_s), "{nth}: {planned_s} s");
        let (attempts, due_s) = world.postponed(QUEUE).await;
        assert_eq!(attempts, nth);
        let most_s = wait_s as f64;
        assert!((most_s * 0.75..=most_s).contains(&due_s), "{nth}: {due_s} s");
        world.retry_now().await;
    }
    let given_up = world.delivery_in(&root, &webhook, "failed", 10).await;
    assert_eq!(
        (&given_up["last_error"], &given_up["next_try_at"]),
        (&json!("answered 500"), &Value::Null)
    );
    assert_eq!(world.ended(QUEUE).await, ["Done"]);
    let got = endpoint.got();
    assert_eq!(got.len(), 10, "no redirect is followed");
    assert!(got.iter().all(|one| one.body == got[0].body));
    assert!(got.iter().all(|one| one.headers["webhook-id"] == got[0].headers["webhook-id"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn response_410_disables_the_endpoint_immediately() {
    let (world, root) = World::with_webhooks().await;
    let (gone, other) = (Endpoint::start().await, Endpoint::start().await);
    let webhook = world.webhook(&root, &gone.url(), &["user.registered"]).await;
    world.webhook(&root, &other.url(), &["webhook.disabled", "user.registered"]).await;
    gone.answers("410 Gone");

    world.register("ada").await;
    world.delivery_in(&root, &webhook, "failed", 1).await;
    world.register("grace").await;
    world.settle().await;

    let path = format!("/v1/webhooks/{}", webhook.id);
    let seen = world.get_as(&root, &path).await.expect(200).json();
    assert_eq!((&seen["enabled"], &seen["disabled_reason"]), (&json!(false), &json!("gone")));
    let event = world.envelopes("webhook.disabled").await.remove(0);
    assert_eq!(event["data"], json!({"webhook_id": webhook.id, "reason": "gone"}));
    let kinds: Vec<String> = other.got().iter().map(keyward_tests::Received::kind).collect();
    assert_eq!(kinds, ["user.registered", "user.registered"]);
    assert_eq!(gone.got().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_days_of_failures_disable_the_endpoint() {
    let (world, root) = World::with_webhooks().await;
    let endpoint = Endpoint::start().await;
    let webhook = world.webhook(&root, &endpoint.url(), &["user.registered"]).await;
    let failing_since = async || {
        let row = "select failing_since from webhooks";
        sqlx::query_scalar::<_, Option<DateTime<Utc>>>(row).fetch_one(&world.db).await.unwrap()
    };
    ["500 No", "204 Fine"].iter().for_each(|a| endpoint.answers(a));
    (0..6).for_each(|_| endpoint.answers("500 No"));
    let days = |days: u64| Duration::from_secs(days * 24 * 3600);

    world.register("ada").await;
    world.delivery_in(&root, &webhook, "pending", 1).await;
    assert!(failing_since().await.is_some());
    world.clock.advance(days(4));
    world.retry_now().await;
    let root = world.log_in_again("root").await;
    world.delivery_in(&root, &webhook, "delivered", 2).await;
    assert_eq!(failing_since().await, None, "a success resets the failures");
    world.register("grace").await;
    world.delivery_in(&root, &webhook, "pending", 1).await;
    let mut root = root;
    for attempt in 2..=6 {
        world.clock.advance(days(1));
        world.retry_now().await;
        root = world.log_in_again("root").await;
        let state = if attempt == 6 { "failed" } else { "pending" };
        world.delivery_in(&root, &webhook, state, attempt).await;
    }

    let path = format!("/v1/webhooks/{}", webhook.id);
    let seen = world.get_as(&root, &path).await.expect(200).json();
    assert_eq!((&seen["enabled"], &seen["disabled_reason"]), (&json!(false), &json!("failing")));
    assert!(seen["disabled_at"].is_string());
    assert_eq!(world.envelopes("webhook.disabled").await[0]["data"]["reason"], "failing");
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_before_a_long_silence_disables_nothing() {
    let (world, root) = World::with_webhooks().await;
    let endpoint = Endpoint::start().await;
    let webhook = world.webhook(&root, &endpoint.url(), &["user.registered"]).await;
    ["500 No", "500 No"].iter().for_each(|a| endpoint.answers(a));
    world.register("ada").await;
    world.delivery_in(&root, &webhook, "pending", 1).await;

    world.clock.advance(Duration::from_secs(6 * 24 * 3600));
    world.retry_now().await;

    let root = world.log_in_again("root").await;
    world.delivery_in(&root, &webhook, "pending", 2).await;
    let path = format!("/v1/webhooks/{}", webhook.id);
    let seen = world.get_as(&root, &path).await.expect(200).json();
    assert_eq!(seen["enabled"], json!(true), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicate_event_is_delivered_once_per_endpoint() {
    let mut world = World::with(
        Options::default().without_worker().set("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8"),
    )
    .await;
    let root = world.administrator_without_mail("root").await;
    let (one, other) = (Endpoint::start().await, Endpoint::start().await);
    world.webhook(&root, &one.url(), &["user.registered"]).await;
    world.webhook(&root, &other.url(), &["user.registered"]).await;
    let envelope = world.envelopes("user.registered").await.remove(0);
    let events = [serde_json::from_value(envelope).unwrap()];
    let mut sql = world.db.acquire().await.unwrap();

    let first = webhook_fanout::fan_out(&mut sql, &events, world.clock.now()).await.unwrap();
    let again = webhook_fanout::fan_out(&mut sql, &events, world.clock.now()).await.unwrap();

    assert_eq!((first.len(), again.len()), (2, 0));
    sqlx::query("delete from webhook_deliveries").execute(&mut *sql).await.unwrap();
    drop(sql);
    world.start_worker().await;
    world.settle().await;
    world.run_again(QUEUE).await;
    world.settle().await;
    assert_eq!((one.got().len(), other.got().len()), (1, 1));
}
