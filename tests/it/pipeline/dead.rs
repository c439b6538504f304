//! Dead jobs and dead letters, and how an operator handles them.

use keyward_stack::mail_sink::Behaviour;
use keyward_tests::World;
use uuid::Uuid;

const QUEUE: &str = "verification-email";

/// Runs a command of `keyward-worker`. Returns whether it succeeded and what it printed.
async fn run(world: &World, args: &[&str]) -> (bool, String) {
    world.keyward_worker(args).await.unwrap()
}

/// The first word of a listing: an id.
async fn listed(world: &World) -> String {
    let (_, said) = run(world, &["dead", "list"]).await;
    said.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_email_is_dead_with_its_reasons_and_can_be_retried() {
    let world = World::new().await;
    assert_eq!(run(&world, &["dead", "list"]).await, (true, "nothing is dead\n".into()));
    world.mail.behave(Behaviour::reply("451 4.3.0 first").times(1));
    let ada = world.register("ada").await;
    world.postponed(QUEUE).await;
    world.mail.behave(Behaviour::reply("550 5.1.1 last").times(1));
    world.retry_now().await;
    assert_eq!(world.ended(QUEUE).await, ["Killed"]);
    let failed = world.mail_in("verification", "failed").await;

    let id = listed(&world).await;
    let (_, shown) = run(&world, &["dead", "show", &id]).await;
    assert!(shown.contains("place        verification-email\nattempts     2\n"), "{shown}");
    for line in ["first error", "last error"] {
        let reason = if line == "first error" { "4.3.0 first" } else { "5.1.1 last" };
        let line = shown.lines().find(|shown| shown.starts_with(line)).unwrap();
        assert!(line.contains(reason), "{shown}");
    }
    assert!(!shown.contains(&ada.email), "{shown}");

    assert!(run(&world, &["dead", "retry", &id]).await.0);

    let mail = world.nth_mail(&ada.email, "Confirm", 1).await;
    assert_eq!(mail.message_id, format!("{}@keyward.example", failed.mail_id));
    assert_eq!(world.mail_in("verification", "accepted").await.mail_id, failed.mail_id);
    world.settle().await;
    assert_eq!(run(&world, &["dead", "list"]).await.1, "nothing is dead\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn dropped_job_disappears_without_a_gap() {
    let world = World::new().await;
    world.mail.behave(Behaviour::reply("550 5.1.1 never"));
    world.register("ada").await;
    assert_eq!(world.ended(QUEUE).await, ["Killed"]);
    let id = listed(&world).await;

    assert!(run(&world, &["dead", "drop", &id]).await.0);

    assert_eq!(run(&world, &["dead", "list"]).await.1, "nothing is dead\n");
    world.consumed().await;
    assert!(run(&world, &["reconcile"]).await.0);
    let error = world.keyward_worker(&["dead", "show", &id]).await.unwrap_err();
    assert!(error.to_string().contains("nothing dead is called"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_event_stays_dead_until_a_release_reads_it() {
    let world = World::new().await;
    world.register("ada").await;
    world.settle().await;
    let good = world.messages().await[0].payload.to_vec();
    let (id, event) = (Uuid::now_v7(), String::from_utf8(good).unwrap());
    let poison = event.replace("user.registered", "user.from_the_future");
    for _ in 0..2 {
        world.publish("user.registered", &format!("{id}"), poison.clone()).await;
    }
    world.consumed().await;

    let letter = listed(&world).await;
    let (is_well, said) = run(&world, &["dead", "retry", &letter]).await;
    assert!(!is_well && said.contains("this version of Keyward cannot read it"), "{said}");
    assert_eq!(world.count("dead_letters").await, 1, "once, however often it came");
    // A release that reads it.
    world.sql("delete from inbox").await;
    world.sql("delete from apalis.jobs").await;
    world
        .sql(
            "update dead_letters set payload = convert_to(replace(convert_from(payload, 'utf8'),
               'user.from_the_future', 'user.registered'), 'utf8')",
        )
        .await;
    let (is_well, said) = run(&world, &["dead", "retry", &letter]).await;

    assert!(is_well, "{said}");
    assert_eq!(world.ended(QUEUE).await, ["Done"]);
    assert_eq!(world.count("dead_letters").await, 0);
    assert_eq!(world.count("inbox").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_by_id_skips_unknown_ids() {
    let world = World::new().await;
    world.mail.behave(Behaviour::reply("550 5.1.1 never").times(1));
    world.register("ada").await;
    assert_eq!(world.ended(QUEUE).await, ["Killed"]);
    let id = listed(&world).await;

    let (is_well, said) = run(&world, &["dead", "retry", "nobody", &id]).await;

    assert!(!is_well, "{said}");
    assert!(said.contains("nobody stays as it is: nothing dead is called nobody"), "{said}");
    assert!(said.contains(&format!("{id} is tried again")), "{said}");
    world.nth_mail("ada@example.org", "Confirm", 1).await;
}
