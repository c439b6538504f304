//! Events of another release, which this one cannot read.

use keyward_tests::{World, until};
use serde_json::{Value, json};
use uuid::Uuid;

/// Commits an event as a newer release would.
async fn commit(world: &World, change: impl FnOnce(&mut Value)) -> Uuid {
    let id = Uuid::now_v7();
    let mut envelope = world.envelopes("user.registered").await.remove(0);
    envelope["event_id"] = json!(id);
    change(&mut envelope);
    sqlx::query(
        "with event as (
             insert into outbox (event_id, subject, envelope, occurred_at)
             values ($1, $2, $3, now()) returning event_id, position)
         insert into outbox_pending (event_id, position) select event_id, position from event",
    )
    .bind(id)
    .bind(envelope["type"].as_str())
    .bind(&envelope)
    .execute(&world.db)
    .await
    .unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_events_wait_until_a_release_knows_them() {
    let world = World::with_operations().await;
    world.register("ada").await;
    world.settle().await;
    let jobs = world.jobs("verification-email").await.len();

    commit(&world, |event| event["type"] = json!("user.from_the_future")).await;
    commit(&world, |event| event["data"]["locale"] = json!("de-CH")).await;
    let bob = world.register("bob").await;

    world.nth_mail(&bob.email, "Confirm", 1).await;
    world.consumed().await;
    assert_eq!(world.dead_letters().await, []);
    assert_eq!(world.count("outbox_pending where parked_by is not null").await, 2);
    let reasons = "select parked_because from outbox_pending order by position";
    let reasons: Vec<String> = sqlx::query_scalar(reasons).fetch_all(&world.db).await.unwrap();
    assert_eq!(reasons, ["unknown variant `user.from_the_future`", "unknown field `locale`"]);
    let (is_ok, said) = world.keyward_worker(&["reconcile"]).await.unwrap();
    assert!(is_ok && said.contains(" 2 events are parked"), "{said}");
    let shows = async |path: &str, text: &str| {
        world.look(path).await.expect(200).text.contains(text).then_some(())
    };
    until("a metric counts them", async || shows("/metrics", "keyward_outbox_parked 2").await)
        .await;
    let finding = "2 events wait for a release that can read them.";
    until("the board reports them", async || shows("/", finding).await).await;
    assert_eq!(world.jobs("verification-email").await.len(), jobs + 1);

    // As if this release knew the type and the member, and another one had parked the events.
    world
        .sql(
            "update outbox set envelope = replace((envelope::jsonb #- '{data,locale}')::text,
                 'user.from_the_future', 'user.registered')::json",
        )
        .await;
    world.sql("update outbox_pending set parked_by = parked_by + 1").await;

    until("they have their effect", async || {
        (world.count("outbox_pending").await == 0).then_some(())
    })
    .await;
    assert_eq!(world.jobs("verification-email").await.len(), jobs + 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_no_release_knows_are_tried_once_by_each() {
    let world = World::new().await;
    world.register("ada").await;
    world.settle().await;
    let id = commit(&world, |event| event["type"] = json!("user.from_the_future")).await;
    let parked_by = async || -> Option<i64> {
        let sql = "select parked_by from outbox_pending where event_id = $1";
        sqlx::query_scalar(sql).bind(id).fetch_one(&world.db).await.unwrap()
    };
    let own = until("the event is parked", parked_by).await;

    for other in [own - 1, own + 1] {
        world.sql(&format!("update outbox_pending set parked_by = {other}")).await;
        until("the event is tried and parked again", async || {
            (parked_by().await == Some(own)).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_message_of_a_committed_event_is_read_from_the_outbox() {
    let world = World::new().await;
    world.register("ada").await;
    world.settle().await;
    let id = commit(&world, |_| {}).await;

    world.publish("user.registered", &id.to_string(), "damaged").await;
    world.settle().await;

    assert_eq!(world.dead_letters().await, []);
    assert_eq!(world.jobs("verification-email").await.len(), 2);
}
