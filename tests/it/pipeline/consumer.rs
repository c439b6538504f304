use std::time::Duration;

use async_nats::jetstream::consumer::{FromConsumer as _, pull};
use keyward_tests::{Account, Tokens, World};
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn event_delivered_a_hundred_times_has_one_effect() {
    let world = World::new().await;
    let (ada, tokens) = life(&world).await;
    let before = effects(&world).await;
    let mut deliveries: Vec<_> = world
        .messages()
        .await
        .into_iter()
        .flat_map(|message| {
            let subject = message.subject.split_once(".events.").unwrap().1.to_owned();
            (0..100).map(move |_| (Uuid::new_v4(), subject.clone(), message.payload.to_vec()))
        })
        .collect();
    // Sorting by random ids shuffles.
    deliveries.sort();

    for (id, subject, payload) in deliveries {
        world.publish(&subject, &id.to_string(), payload).await;
    }
    world.consumed().await;
    world.settle().await;

    assert_eq!(effects(&world).await, before);
    nothing_old_is_back(&world, &ada, &tokens).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn full_replay_of_the_stream_has_no_effect() {
    let world = World::new().await;
    let (ada, tokens) = life(&world).await;
    let before = effects(&world).await;
    let last = world.messages().await.len() as u64;

    world.stream().await.delete_consumer("worker").await.unwrap();
    let back = async || {
        let consumer = world.stream().await.consumer_info("worker").await.ok()?;
        (consumer.ack_floor.stream_sequence == last).then_some(())
    };
    keyward_tests::until("a new consumer has received every message again", back).await;
    world.settle().await;

    assert_eq!(effects(&world).await, before);
    nothing_old_is_back(&world, &ada, &tokens).await;
    let bob = world.register("bob").await;
    world.nth_mail(&bob.email, "Confirm", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn outdated_consumer_is_updated_in_place() {
    let mut world = World::new().await;
    life(&world).await;
    world.consumed().await;
    let stream = world.stream().await;
    let now = stream.consumer_info("worker").await.unwrap();
    let mut earlier = pull::Config::try_from_consumer_config(now.config.clone()).unwrap();
    earlier.ack_wait = Duration::from_secs(30);
    stream.update_consumer(earlier).await.unwrap();

    world.start_worker().await;
    let is_up_to_date = async || {
        let consumer = stream.consumer_info("worker").await.ok()?;
        (consumer.config.ack_wait == now.config.ack_wait).then_some(consumer)
    };
    let after = keyward_tests::until("the consumer is unchanged", is_up_to_date).await;
    assert_eq!(after.created, now.created);
    assert_eq!(after.delivered.stream_sequence, now.delivered.stream_sequence);
    let bob = world.register("bob").await;
    world.nth_mail(&bob.email, "Confirm", 1).await;
}

/// Runs the life of an account until its effects are complete; it ends with an ended session.
async fn life(world: &World) -> (Account, Tokens) {
    let ada = world.account("ada").await;
    let tokens = world.log_in(&ada).await;
    for name in ["Ada", "Countess"] {
        world.rename(&tokens.access, name).await.expect(200);
    }
    world.reset_token(&ada.email).await;
    world.log_out(&tokens.access).await.expect(204);
    world.settle().await;
    (ada, tokens)
}

/// Every effect: jobs, SMTP attempts and the ledger.
async fn effects(world: &World) -> (i64, usize, Vec<(String, String, i32, Option<String>)>) {
    assert_eq!(world.dead_letters().await, []);
    (count_jobs(world).await, world.mail.attempts().len(), world.ledger().await)
}

async fn nothing_old_is_back(world: &World, ada: &Account, tokens: &Tokens) {
    world.me(&tokens.access).await.expect_problem(401, "session_ended");
    let tokens = world.log_in(ada).await;
    let me = world.me(&tokens.access).await.expect(200).json();
    assert_eq!(me["display_name"], "Countess");
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_message_becomes_a_dead_letter() {
    let world = World::new().await;
    world.register("ada").await;
    world.settle().await;
    let good = world.messages().await[0].payload.to_vec();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut event: Value = serde_json::from_slice(&good).unwrap();
        event["event_id"] = json!(Uuid::now_v7());
        change(&mut event);
        event.to_string().into_bytes()
    };
    let poison = [b"".to_vec(), b"not json".to_vec(), vec![0, 159, 146, 150], b"[[[[".to_vec()];
    let uncommitted = [
        changed(&|event| event["type"] = json!("user.from_the_future")),
        changed(&|event| event["type"] = json!("nul \u{0} and line\nbreak")),
        changed(&|event| event["data"]["user_id"] = json!("not a UUID")),
        changed(&|event| event["data"]["password"] = json!("surprise")),
    ];

    for payload in poison.iter().chain(&uncommitted) {
        world.publish("user.registered", &Uuid::new_v4().to_string(), payload.clone()).await;
    }
    let bob = world.register("bob").await;
    world.nth_mail(&bob.email, "Confirm", 1).await;
    world.consumed().await;

    let dead = world.dead_letters().await;
    assert_eq!(dead.len(), poison.len(), "{dead:#?}");
    let subject = format!("{}.events.user.registered", world.name());
    assert!(dead.iter().all(|(at, reason)| *at == subject && !reason.is_empty()), "{dead:#?}");
    let consumer = world.stream().await.consumer_info("worker").await.unwrap();
    assert_eq!(consumer.num_redelivered, 0);
    assert_eq!(world.settle().await.len(), 2);
}

async fn count_jobs(world: &World) -> i64 {
    sqlx::query_scalar("select count(*) from apalis.jobs").fetch_one(&world.db).await.unwrap()
}
