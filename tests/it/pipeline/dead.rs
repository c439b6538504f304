//! Unreadable events and dead jobs on the command line.

use keyward_stack::mail_sink::Behaviour;
use keyward_tests::World;
use uuid::Uuid;

const KIND: &str = "verification-email";

/// Runs a command of `keyward-worker`. Returns whether it succeeded, and its output.
async fn run(world: &World, args: &[&str]) -> (bool, String) {
    world.keyward_worker(args).await.unwrap()
}

/// The first word of a list, which is an id.
async fn first_id(world: &World, list: &[&str]) -> String {
    let (_, output) = run(world, list).await;
    output.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn job_of_a_rejected_email_is_dead_and_can_be_retried() {
    let world = World::new().await;
    let nothing = (true, "there are none: all dead jobs\n".to_owned());
    assert_eq!(run(&world, &["jobs", "list"]).await, nothing);
    world.mail.behave(Behaviour::reply("451 4.3.0 first").times(1));
    let ada = world.register("ada").await;
    world.postponed(KIND).await;
    world.mail.behave(Behaviour::reply("550 5.1.1 last").times(1));
    world.retry_now().await;
    assert_eq!(world.ended(KIND).await, ["Killed"]);
    let failed = world.mail_in("verification", "failed").await;

    let id = first_id(&world, &["jobs", "list"]).await;
    let (_, shown) = run(&world, &["jobs", "show", &id]).await;
    for (number, reason) in [(1, "4.3.0 first"), (2, "5.1.1 last")] {
        let mut lines = shown.lines().filter(|line| line.starts_with("attempt"));
        let line = lines.find(|line| line.contains(&format!("number {number} failed"))).unwrap();
        assert!(line.contains(reason), "{shown}");
    }
    assert!(shown.contains("  verification-email  dead  2/40  "), "{shown}");
    assert!(!shown.contains(&ada.email), "{shown}");

    assert!(run(&world, &["jobs", "retry", &id]).await.0);

    let mail = world.nth_mail(&ada.email, "Confirm", 1).await;
    assert_eq!(mail.message_id, format!("{}@keyward.example", failed.mail_id));
    assert_eq!(world.mail_in("verification", "accepted").await.mail_id, failed.mail_id);
    world.settle().await;
    assert_eq!(run(&world, &["jobs", "list"]).await, nothing);
}

#[tokio::test(flavor = "multi_thread")]
async fn discarded_job_disappears_without_a_gap() {
    let world = World::new().await;
    world.mail.behave(Behaviour::reply("550 5.1.1 never"));
    world.register("ada").await;
    assert_eq!(world.ended(KIND).await, ["Killed"]);
    let id = first_id(&world, &["jobs", "list"]).await;

    assert!(run(&world, &["jobs", "discard", &id]).await.0);

    assert_eq!(run(&world, &["jobs", "list"]).await.1, "there are none: all dead jobs\n");
    world.consumed().await;
    assert!(run(&world, &["reconcile"]).await.0);
    assert!(run(&world, &["jobs", "show", &id]).await.1.contains("  discarded  "));
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_message_is_kept_until_it_is_discarded() {
    let world = World::new().await;
    let id = Uuid::now_v7().to_string();
    for _ in 0..2 {
        world.publish("user.registered", &id, "no event").await;
    }
    world.consumed().await;

    let letter = first_id(&world, &["events", "unreadable"]).await;
    let (_, shown) = run(&world, &["events", "show", &letter]).await;
    assert!(shown.contains("no event"), "{shown}");
    assert_eq!(world.count("dead_letters").await, 1, "a duplicate is recorded once");

    let (is_ok, output) = run(&world, &["events", "discard", &letter]).await;

    assert!(is_ok, "{output}");
    let (_, output) = run(&world, &["events", "unreadable"]).await;
    assert_eq!(output, "there are no unreadable events\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_by_id_skips_unknown_ids() {
    let world = World::new().await;
    world.mail.behave(Behaviour::reply("550 5.1.1 never").times(1));
    world.register("ada").await;
    assert_eq!(world.ended(KIND).await, ["Killed"]);
    let id = first_id(&world, &["jobs", "list"]).await;

    let (is_ok, output) = run(&world, &["jobs", "retry", "unknown", &id]).await;

    assert!(!is_ok, "{output}");
    assert!(output.contains("unknown unchanged: there is no job unknown"), "{output}");
    assert!(output.contains(&format!("{id} retried")), "{output}");
    world.nth_mail("ada@example.org", "Confirm", 1).await;
}
