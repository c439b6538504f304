use std::{collections::HashMap, time::Duration};

use futures_util::future::join_all;
use keyward_tests::{Options, World, registration, until};
use serde_json::Value;

/// The trace of a client, as W3C Trace Context.
const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";

#[tokio::test(flavor = "multi_thread")]
async fn message_carries_the_envelope_id_and_trace() {
    let world = World::new().await;
    let body = registration("ada@example.org");
    let request = world
        .request(reqwest::Method::POST, "/v1/users")
        .header("x-request-id", "req-42")
        .header("traceparent", format!("00-{TRACE_ID}-b7ad6b7169203331-01"))
        .json(&body);

    world.send(request).await.expect(202);
    world.settle().await;

    let [message] = &world.messages().await[..] else { panic!("one event") };
    let (id, envelope): (uuid::Uuid, String) =
        sqlx::query_as("select event_id, envelope::text from outbox")
            .fetch_one(&world.db)
            .await
            .unwrap();
    assert_eq!(message.subject.as_str(), format!("{}.events.user.registered", world.name()));
    assert_eq!(message.payload, envelope.as_bytes());
    let header = |name: &str| message.headers.get(name).map(|value| value.as_str().to_owned());
    assert_eq!(header("Nats-Msg-Id"), Some(id.to_string()));
    assert_eq!(header("Nats-Expected-Last-Sequence").as_deref(), Some("0"));
    let envelope: Value = serde_json::from_str(&envelope).unwrap();
    assert_eq!(envelope["trace"]["request_id"], "req-42");
    assert_eq!(header("traceparent").as_deref(), envelope["trace"]["traceparent"].as_str());
    assert!(header("traceparent").unwrap().starts_with(&format!("00-{TRACE_ID}-")));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_one_user_keep_their_order_under_load() {
    let mut world = World::new().await;
    world.start_worker().await;
    let mut tokens = Vec::new();
    for name in ["ada", "bob", "cleo"] {
        let account = world.account(name).await;
        tokens.push(world.log_in(&account).await.access);
    }

    // Two requests per user at a time.
    let lanes = tokens.iter().chain(&tokens);
    join_all(lanes.map(async |token| {
        for n in 0..5 {
            world.rename(token, &format!("name {n}")).await.expect(200);
        }
    }))
    .await;
    world.settle().await;

    let mut versions: HashMap<String, Vec<i64>> = HashMap::new();
    for message in world.messages().await {
        let event: Value = serde_json::from_slice(&message.payload).unwrap();
        if event["type"] == "user.profile_changed" {
            let user = event["data"]["user_id"].to_string();
            versions.entry(user).or_default().push(event["data"]["version"].as_i64().unwrap());
        }
    }
    assert_eq!(versions.len(), 3);
    for (user, versions) in versions {
        assert_eq!(versions.len(), 10, "{user}");
        assert!(versions.is_sorted(), "{user}: {versions:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn late_worker_processes_every_earlier_event() {
    let mut world = World::with(Options::default().without_worker()).await;
    for name in ["ada", "bob", "cleo"] {
        world.register(name).await;
    }
    assert_eq!(world.mail.attempts(), [], "no worker runs to send");

    world.start_worker().await;

    assert_eq!(world.settle().await, ["user.registered"; 3]);
    for name in ["ada", "bob", "cleo"] {
        world.nth_mail(&format!("{name}@example.org"), "Confirm", 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_workers_publish_and_send_once() {
    let mut world = World::new().await;
    world.start_worker().await;
    world.start_worker().await;

    let names: Vec<String> = (0..12).map(|n| format!("user{n}")).collect();
    for three in names.chunks(3) {
        join_all(three.iter().map(|name| world.register(name))).await;
    }
    world.settle().await;

    assert_eq!(world.messages().await.len(), names.len());
    assert_eq!(world.mail.attempts().len(), names.len());
    assert_eq!(world.ended("verification-email").await, vec!["Done"; names.len()]);
    let attempts: Vec<i32> = world.ledger().await.into_iter().map(|mail| mail.2).collect();
    assert_eq!(attempts, vec![1; names.len()]);
}

/// A world with one event in its stream, and a guard that keeps every relay from publishing.
async fn led() -> (World, sqlx::Transaction<'static, sqlx::Postgres>) {
    let world = World::new().await;
    world.register("ada").await;
    world.settle().await;
    let mut leader = world.db.begin().await.unwrap();
    // "keyward" in hexadecimal: the lock of the leader.
    sqlx::query("select pg_advisory_xact_lock(x'006b657977617264'::bigint)")
        .execute(&mut *leader)
        .await
        .unwrap();
    (world, leader)
}

/// The ids and envelopes of the events, in the order of their positions.
async fn committed(world: &World) -> Vec<(String, String)> {
    sqlx::query_as("select event_id::text, envelope::text from outbox order by position")
        .fetch_all(&world.db)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_leader_publishes() {
    let (world, leader) = led().await;

    world.register("bob").await;
    // A relay that does not get the lock rolls back. Waits until it has tried more than once.
    let rollbacks = async || -> i64 {
        let sql = "select xact_rollback from pg_stat_database where datname = current_database()";
        sqlx::query_scalar(sql).fetch_one(&world.db).await.unwrap()
    };
    let before = rollbacks().await;
    let looked = async || (rollbacks().await >= before + 3).then_some(());
    until("the relay has tried to lead", looked).await;
    assert_eq!(world.messages().await.len(), 1);

    leader.rollback().await.unwrap();
    world.settle().await;
    assert_eq!(world.messages().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn unmarked_events_are_followed_by_later_commits() {
    let (world, leader) = led().await;
    for name in ["bob", "cleo", "dora"] {
        world.register(name).await;
    }
    let events = committed(&world).await;
    // When the crashed relay read the outbox, cleo's event was not committed.
    for nth in [1, 3] {
        let (id, envelope) = &events[nth];
        world.publish("user.registered", id, envelope.as_bytes()).await;
    }

    leader.rollback().await.unwrap();
    world.settle().await;

    let order: Vec<_> = world.messages().await.into_iter().map(|one| one.payload).collect();
    assert_eq!(order, [0, 1, 3, 2].map(|nth| events[nth].1.as_bytes()));
    assert_eq!(world.mail.attempts().len(), 4, "one for each");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_event_overtakes_an_earlier_one_after_a_crash() {
    let (world, leader) = led().await;
    for name in ["bob", "cleo", "dora", "evan", "fay"] {
        world.register(name).await;
    }
    let events = committed(&world).await;
    let publish = async |nth: usize| {
        let (id, envelope) = &events[nth];
        world.publish("user.registered", id, envelope.as_bytes()).await;
    };
    // The crashed relay has published three events and marked none, and the worker has processed one of
    // them. Cleo's event was committed too late.
    publish(4).await;
    world.consumed().await;
    let stream = world.stream().await;
    let later = stream.cached_info().created + Duration::from_secs(3_600);
    stream.pause_consumer("worker", later).await.unwrap();
    publish(1).await;
    publish(3).await;

    leader.rollback().await.unwrap();
    let is_published = async || (world.messages().await.len() == events.len()).then_some(());
    until("every event is published", is_published).await;
    stream.resume_consumer("worker").await.unwrap();
    world.settle().await;

    let place = |id: &str| events.iter().position(|event| event.0 == id);
    let order = world
        .messages()
        .await
        .into_iter()
        .map(|one| place(one.headers.get("Nats-Msg-Id").unwrap().as_str()));
    assert_eq!(order.collect::<Vec<_>>(), [0, 4, 1, 3, 2, 5].map(Some));
}

#[tokio::test(flavor = "multi_thread")]
async fn new_events_go_before_a_refill() {
    const RETAINED: usize = 1_200;
    let (world, leader) = led().await;
    world
        .sql(&format!(
            "insert into outbox (event_id, subject, envelope, occurred_at)
             select id, 'of.another.release', json_build_object('event_id', id, 'type', ''), now()
             from (select gen_random_uuid() as id from generate_series(1, {RETAINED})) as past"
        ))
        .await;
    // As if the stream had lost all its events.
    world
        .sql(
            "update streams set generation = 2, refill_after = 0,
                                refill_up_to = (select max(position) from outbox)",
        )
        .await;
    let bob = world.register("bob").await;

    leader.rollback().await.unwrap();
    world.nth_mail(&bob.email, "Confirm", 1).await;

    // Ada's event is in the stream twice.
    let is_refilled = async || {
        let messages = world.stream().await.cached_info().state.messages;
        (messages == 3 + RETAINED as u64).then_some(())
    };
    until("the stream is filled again", is_refilled).await;
    let messages = world.messages().await;
    assert_eq!(messages[1].subject.as_str(), format!("{}.events.user.registered", world.name()));
    let bob = world.user_id(&bob.email).await.to_string();
    assert!(String::from_utf8_lossy(&messages[1].payload).contains(&bob));
    assert_eq!(world.count("streams where refill_after is null").await, 1);
    assert_eq!(world.dead_letters().await, [], "they had their effect");
}

#[tokio::test(flavor = "multi_thread")]
async fn republished_events_have_no_second_effect() {
    let world = World::new().await;
    let ada = world.register("ada").await;
    world.settle().await;

    world.sql("update streams set generation = 2, refill_after = 0, refill_up_to = 1").await;
    let is_republished = async || (world.messages().await.len() == 2).then_some(());
    until("the event is in the stream twice", is_republished).await;

    world.consumed().await;
    assert_eq!(world.jobs("verification-email").await.len(), 1);
    assert_eq!(world.mail.attempts_to(&ada.email).len(), 1);
}
