//! Events that the stream loses are detected, reported and repaired.

use async_nats::jetstream::{self, message::StreamMessage};
use keyward_tests::{World, until};
use serde_json::{Value, json};
use uuid::Uuid;

/// Runs `keyward-worker reconcile`. Returns whether it succeeded and what it printed.
async fn reconcile(world: &World, args: &[&str]) -> (bool, String) {
    world.keyward_worker(&[&["reconcile"], args].concat()).await.unwrap()
}

/// Registers an account and waits for every effect. Returns the id of the event.
async fn registered(world: &World) -> Uuid {
    world.register("ada").await;
    world.settle().await;
    world.consumed().await;
    let ids = sqlx::query_scalar("select event_id from outbox").fetch_all(&world.db).await.unwrap();
    ids[0]
}

/// Inserts an event that was committed and published, but never arrived.
async fn never_arrived(world: &World) -> Uuid {
    let id = Uuid::now_v7();
    let envelope = json!({
        "event_id": id, "occurred_at": "2026-11-25T12:00:00Z", "type": "link.request_ignored",
        "trace": {"request_id": "r", "traceparent": ""}, "data": {"link_id": Uuid::now_v7()},
    });
    sqlx::query(
        "with event as (
             insert into outbox (event_id, subject, envelope, occurred_at)
             values ($1, 'link.request_ignored', $2, now()) returning event_id, position)
         insert into outbox_pending (event_id, position, generation)
         select event_id, position, 1 from event",
    )
    .bind(id)
    .bind(envelope)
    .execute(&world.db)
    .await
    .unwrap();
    id
}

/// The event id of a message.
fn event_id(message: &StreamMessage) -> Uuid {
    let envelope: Value = serde_json::from_slice(&message.payload).unwrap();
    serde_json::from_value(envelope["event_id"].clone()).unwrap()
}

async fn arrives(world: &World, event: Uuid) {
    until("the event has its effect", async || {
        let count = world.count(&format!("outbox_pending where event_id = '{event}'")).await;
        (count == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn intact_stream_has_no_gap() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    world.log_in(&ada).await;
    world.settle().await;
    world.consumed().await;

    let (is_ok, output) = reconcile(&world, &[]).await;

    assert!(is_ok, "{output}");
    assert!(output.contains(" 3 events have all their jobs"), "{output}");
    assert!(output.ends_with("no gap\n"), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn received_event_of_a_later_release_is_no_gap() {
    let world = World::new().await;
    registered(&world).await;
    world
        .sql("update outbox set envelope = jsonb_set(envelope::jsonb, '{data,locale}', '1')::json")
        .await;

    let (is_ok, output) = reconcile(&world, &[]).await;

    assert!(is_ok, "{output}");
    assert!(output.contains(" 1 events were received by a release that can read them"), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wiped_stream_is_refilled_without_duplicates() {
    let world = World::new().await;
    for name in ["ada", "bob", "cleo"] {
        world.register(name).await;
    }
    world.settle().await;
    world.consumed().await;
    let before: Vec<_> = world.messages().await.into_iter().map(|one| one.payload).collect();

    let stream = format!("{}-events", world.name());
    jetstream::new(world.nats.clone()).delete_stream(&stream).await.unwrap();

    let refilled = async || {
        let stream = jetstream::new(world.nats.clone()).get_stream(&stream).await.ok()?;
        (stream.cached_info().state.messages == 3).then_some(())
    };
    until("the stream is unchanged", refilled).await;
    world.consumed().await;
    let after: Vec<_> = world.messages().await.into_iter().map(|one| one.payload).collect();
    assert_eq!(before, after);
    world.settle().await;
    assert_eq!(world.mail.attempts().len(), 3);
    assert!(reconcile(&world, &[]).await.0);
    world.register("dora").await;
    world.settle().await;
    assert_eq!(world.mail.attempts().len(), 4, "new events are published");
}

#[tokio::test(flavor = "multi_thread")]
async fn undelivered_events_of_a_wiped_stream_arrive() {
    let world = World::new().await;
    registered(&world).await;
    let event = never_arrived(&world).await;

    // The known stream has another creation time.
    world.sql("update streams set created_ns = created_ns - 1").await;

    arrives(&world, event).await;
    world.settle().await;
    assert_eq!(world.mail.attempts().len(), 1);
    assert!(reconcile(&world, &[]).await.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_missing_from_an_old_copy_arrive() {
    let world = World::new().await;
    registered(&world).await;
    let event = never_arrived(&world).await;

    // The stream ends at 1, although it has acknowledged 50.
    world.sql("update streams set last_sequence = 50").await;

    arrives(&world, event).await;
    world.settle().await;
    assert_eq!(world.mail.attempts().len(), 1);
    // The last message may be published again.
    assert_eq!(world.count("streams where last_sequence in (2, 3)").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sequence_conflict_reveals_an_old_copy() {
    let world = World::new().await;
    registered(&world).await;
    let event = never_arrived(&world).await;
    world.sql("update streams set last_sequence = 50").await;

    // Does not wait for the next check.
    world.register("bob").await;

    arrives(&world, event).await;
    world.settle().await;
    assert_eq!(world.mail.attempts().len(), 2, "one for each");
    assert!(reconcile(&world, &[]).await.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_copy_is_refilled_before_new_events() {
    let world = World::new().await;
    let first = registered(&world).await;
    let event = never_arrived(&world).await;
    world.sql("update streams set last_sequence = 2").await;

    // A new event in the sequence of a missing one would hide the gap.
    world.register("bob").await;

    arrives(&world, event).await;
    world.settle().await;
    let order: Vec<_> = world.messages().await.iter().map(event_id).collect();
    assert_eq!(order[..2], [first, event]);
    // What may have been published after the last message is published again.
    assert!(!order[2..3].contains(&first) && order[3..].iter().all(|again| *again == first));
    assert_eq!(world.mail.attempts().len(), 2, "one for each");
    assert!(reconcile(&world, &[]).await.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn event_lost_in_the_middle_is_repaired() {
    let world = World::new().await;
    registered(&world).await;
    let event = never_arrived(&world).await;

    let (is_ok, output) = reconcile(&world, &[]).await;
    assert!(!is_ok, "{output}");
    assert!(output.contains(&format!("lost: {event} link.request_ignored")), "{output}");
    let (is_ok, output) = reconcile(&world, &["--repair"]).await;

    assert!(is_ok && output.ends_with("1 gaps closed, 0 left\n"), "{output}");
    arrives(&world, event).await;
    assert!(reconcile(&world, &[]).await.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_event_without_effect_is_repaired() {
    let world = World::new().await;
    let event = registered(&world).await;
    world
        .sql("insert into outbox_pending (event_id, position, generation) select event_id, position, 1 from outbox")
        .await;

    let (is_ok, output) = reconcile(&world, &["--repair"]).await;

    assert!(is_ok, "{output}");
    assert!(output.contains(&format!("skipped: {event} user.registered")), "{output}");
    arrives(&world, event).await;
    world.settle().await;
    assert_eq!(world.mail.attempts().len(), 1);
    assert!(reconcile(&world, &[]).await.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_job_is_created() {
    let world = World::new().await;
    let event = registered(&world).await;
    world.sql("delete from apalis.jobs").await;

    let (is_ok, output) = reconcile(&world, &["--repair"]).await;

    assert!(is_ok, "{output}");
    let named = format!("{event} user.registered has no verification-email job");
    assert!(output.contains(&named), "{output}");
    assert_eq!(world.ended("verification-email").await, ["Done"]);
    assert_eq!(world.mail.attempts().len(), 1, "it was sent before");
}

#[tokio::test(flavor = "multi_thread")]
async fn uncommitted_event_is_reported_only() {
    let world = World::new().await;
    let event = registered(&world).await;
    let forged = Uuid::now_v7();
    let payload = String::from_utf8(world.messages().await[0].payload.to_vec()).unwrap();
    let payload = payload.replace(&event.to_string(), &forged.to_string());
    world.publish("user.registered", &forged.to_string(), payload).await;
    world.consumed().await;

    let (is_ok, output) = reconcile(&world, &["--repair"]).await;

    assert!(!is_ok, "{output}");
    assert!(output.contains(&format!("unknown: {forged} is in the stream")), "{output}");
    assert_eq!(world.mail.attempts().len(), 1, "the email it names was sent before");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_without_effect_are_retained() {
    let mut world = World::with(keyward_tests::Options::default().without_worker()).await;
    let event = never_arrived(&world).await;
    world.sql("update outbox set occurred_at = now() - interval '30 days'").await;

    world.start_worker().await;

    arrives(&world, event).await;
}
