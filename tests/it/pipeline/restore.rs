//! The database goes back to a backup, and the stream does not.

use keyward_core::domain::UserId;
use keyward_tests::{Account, World, until};
use serde_json::Value;
use uuid::Uuid;

async fn reconcile(world: &World, args: &[&str]) -> (bool, String) {
    world.keyward_worker(&[&["reconcile"], args].concat()).await.unwrap()
}

/// Publishes copies of the first event under ids that were never committed.
async fn publish_uncommitted(world: &World, count: usize) -> Vec<Uuid> {
    let payload = String::from_utf8(world.messages().await[0].payload.to_vec()).unwrap();
    let event: Value = serde_json::from_str(&payload).unwrap();
    let mut ids = Vec::new();
    for _ in 0..count {
        let id = Uuid::now_v7();
        let payload = payload.replace(event["event_id"].as_str().unwrap(), &id.to_string());
        world.publish("user.registered", &id.to_string(), payload).await;
        ids.push(id);
    }
    world.consumed().await;
    ids
}

/// A world that has lost two changes of Ada's name and the account of Bob.
async fn set_back() -> (World, Account, String, UserId) {
    let world = World::new().await;
    let (ada, token) = world.logged_in("ada").await;
    for name in ["one", "two"] {
        world.rename(&token, name).await.expect(200);
    }
    let bob = world.register("bobby").await;
    world.settle().await;
    world.consumed().await;
    let id = world.user_id(&bob.email).await;
    for statement in [
        "delete from outbox where subject = 'user.profile_changed'".to_owned(),
        "update users set display_name = 'ada', version = 2 where version > 2".to_owned(),
        format!("delete from outbox where user_id = '{id}'"),
        format!("delete from users where user_id = '{id}'"),
    ] {
        world.sql(&statement).await;
    }
    (world, ada, token, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn report_says_what_a_restore_lost() {
    let (world, ada, _, bob) = set_back().await;
    let ada = world.user_id(&ada.email).await;

    let (is_ok, output) = reconcile(&world, &[]).await;

    assert!(!is_ok, "{output}");
    for line in [
        "\n3 events from ",
        "\n         2 user.profile_changed\n",
        "\n         1 user.registered\n",
        &format!(
            "\n         1 accounts have their state at the time of the backup:\n           {ada}\n"
        ),
        &format!(
            "\n         1 accounts do not exist: they were created since the backup:\n           {bob}\n"
        ),
        "`keyward-worker reconcile --accept-loss`",
        "\n3 gaps; ",
    ] {
        assert!(output.contains(line), "{line:?} is missing: {output}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_loss_is_no_gap_and_versions_continue_above_it() {
    let (world, ada, token, _) = set_back().await;
    let key = format!("user:{}", world.user_id(&ada.email).await);
    // Pending in the backup, and acknowledged since.
    world
        .sql(
            "insert into outbox_pending (event_id, position, generation)
             select event_id, position, 1 from outbox where subject = 'session.started'",
        )
        .await;

    let (is_ok, output) = reconcile(&world, &["--accept-loss"]).await;

    assert!(is_ok && output.ends_with("4 gaps closed, 0 left\n"), "{output}");
    assert!(world.cached(&key).await.unwrap().starts_with("5|"), "the cache is invalidated");
    let me = world.me(&token).await.expect(200).json();
    assert_eq!((&me["display_name"], &me["version"]), (&"ada".into(), &5.into()));
    let (is_ok, output) = reconcile(&world, &[]).await;
    assert!(is_ok, "{output}");
    assert!(output.contains(" 3 events are accepted as lost in a restore\n"), "{output}");
    // Later ones are reported.
    publish_uncommitted(&world, 1).await;
    assert!(!reconcile(&world, &[]).await.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_loss_is_forgotten_with_its_stream() {
    let (world, ..) = set_back().await;
    assert!(reconcile(&world, &["--accept-loss"]).await.0);

    world.sql("update streams set created_ns = created_ns - 1").await;

    until("the stream is a new one", async || {
        (world.count("streams where lost_up_to = 0").await == 1).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn list_of_lost_events_is_limited() {
    let world = World::new().await;
    world.register("ada").await;
    world.settle().await;
    // More than one batch.
    let ids = publish_uncommitted(&world, 1_001).await;

    let (_, some) = reconcile(&world, &[]).await;
    let (_, all) = reconcile(&world, &["--all"]).await;

    let count = |output: &str| output.matches("unknown: ").count();
    assert_eq!((count(&some), count(&all)), (20, 1_001));
    assert!(some.contains("and 981 more unknown ones (--all lists them)\n"), "{some}");
    assert!(ids.iter().all(|id| all.contains(&format!("unknown: {id} is"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn event_that_was_pending_in_the_backup_takes_effect() {
    let world = World::new().await;
    world.register("ada").await;
    world.settle().await;
    world.consumed().await;
    // Published, and in the lost future acknowledged by the worker.
    world.sql("delete from apalis.jobs").await;
    world
        .sql(
            "insert into outbox_pending (event_id, position, generation)
             select event_id, position, 1 from outbox",
        )
        .await;

    publish_uncommitted(&world, 1).await;

    until("the event has its effect", async || {
        (world.count("outbox_pending").await == 0).then_some(())
    })
    .await;
    assert_eq!(world.ended("verification-email").await, ["Done"]);
    assert_eq!(world.mail.attempts().len(), 1, "it was sent before");
}
