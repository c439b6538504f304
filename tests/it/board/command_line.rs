use clap::Parser as _;
use keyward_stack::mail_sink::Behaviour;
use keyward_tests::World;
use keyward_worker::ops::cli::Cli;

use super::{KIND, count, ids, plant, run};

#[tokio::test(flavor = "multi_thread")]
async fn queues_lists_every_queue_and_its_problems() {
    let world = World::new().await;
    plant(&world, KIND, "dead", "550 never", 3).await;

    let (is_well, said) = run(&world, &["queues"]).await;

    assert!(!is_well, "{said}");
    let line = said.lines().find(|line| line.starts_with(KIND)).unwrap();
    let words: Vec<_> = line.split_whitespace().collect();
    assert_eq!(words, [KIND, "0", "-", "0", "0", "3", "0", "0", "-"], "{said}");
    assert!(said.contains("verification-email: 3 dead jobs."), "{said}");
    run(&world, &["jobs", "discard", "--matching", "--yes"]).await;
    let (_, said) = run(&world, &["queues", "pause", KIND]).await;
    assert_eq!(said, "verification-email is paused\n");
    let (_, said) = run(&world, &["queues", "pause", KIND]).await;
    assert_eq!(said, "verification-email is already paused\n");
    let (_, said) = run(&world, &["queues"]).await;
    assert!(said.contains("paused by command line"), "{said}");
    let (_, said) = run(&world, &["queues", "resume", KIND]).await;
    assert_eq!(said, "verification-email is resumed\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn queues_works_without_nats() {
    let world = World::new().await;
    let mut out = Vec::new();
    for args in [&["queues", "pause", KIND][..], &["queues"]] {
        let command = Cli::parse_from(["keyward-worker"].iter().chain(args)).command.unwrap();
        let nowhere = async |options: async_nats::ConnectOptions| {
            Ok(options.connect("nats://127.0.0.1:1").await?)
        };
        command.run(&world.app, nowhere, &mut out).await.unwrap();
    }

    let said = String::from_utf8(out).unwrap();
    assert!(said.starts_with("verification-email is paused\n"), "{said}");
    assert!(said.contains("NATS is unreachable: events wait in the outbox."), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_lists_counts_and_retries() {
    let world = World::new().await;
    world.mail.behave(Behaviour::reply("554 5.7.1 blocked"));
    let ada = world.register("ada").await;
    assert_eq!(world.ended(KIND).await, ["Killed"]);
    world.mail.behave(Behaviour::accept());
    let id = ids(&world, KIND).await.remove(0);

    let (_, said) = run(&world, &["jobs", "list", "--queue", "email", "--search", "BLOCKED"]).await;
    assert!(said.starts_with(&format!("{id}  ")) && said.contains("dead  1/40  "), "{said}");
    let (_, said) = run(&world, &["jobs", "list", "--state", "available"]).await;
    assert_eq!(said, "there are none: all available jobs\n");
    let matching = ["jobs", "retry", "--matching", "--search", "blocked"];
    let (_, said) = run(&world, &matching).await;
    let would = "1 job would be retried: all dead jobs whose error contains \"blocked\"; --yes changes them\n";
    assert_eq!(said, would);
    assert_eq!(count(&world, KIND, "Killed").await, 1);
    let (_, said) = run(&world, &[&matching[..], &["--yes"]].concat()).await;
    assert_eq!(said, "1 job retried: all dead jobs whose error contains \"blocked\"\n");

    world.nth_mail(&ada.email, "Confirm", 1).await;
    world.settle().await;
    let (is_well, said) = run(&world, &["jobs", "retry", &id]).await;
    assert!(!is_well && said.contains("retry does not apply to completed jobs"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn trace_shows_the_history_of_any_id() {
    let world = World::new().await;
    world.mail.behave(Behaviour::reply("451 4.3.0 later\u{1b}").times(1));
    world.register("ada").await;
    world.postponed(KIND).await;
    world.retry_now().await;
    world.mail_in("verification", "accepted").await;
    world.settle().await;
    let id = ids(&world, KIND).await.remove(0);
    let user = world.user_id("ada@example.org").await.to_string();

    let envelope = world.envelopes("user.registered").await.remove(0);
    let traceparent = envelope["trace"]["traceparent"].as_str().unwrap();

    let (_, trace) = run(&world, &["trace", &user]).await;
    let (_, traced) = run(&world, &["trace", &traceparent[3..35]]).await;
    let (_, shown) = run(&world, &["jobs", "show", &id]).await;

    for said in
        ["accepted after 2 attempts: 250", "user.registered", "published yes", "received  yes", &id]
    {
        assert!(trace.contains(said), "{said}: {trace}");
    }
    for said in ["number 1 failed after ", "451 4.3.0 later", "request   ", "accepted after 2"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    assert!(traced.contains(&id) && traced.contains("accepted after 2"), "{traced}");
    assert!(!trace.contains("ada@") && !shown.contains("ada@"));
    assert!(!shown.contains('\u{1b}'), "control characters are escaped");
    let error = world.keyward_worker(&["trace", "nothing"]).await.unwrap_err();
    assert!(error.to_string().contains("nothing has the id nothing"), "{error}");
}

#[test]
fn ids_and_a_filter_are_mutually_exclusive() {
    let is_rejected = |args: &[&str]| {
        let args = ["keyward-worker", "jobs"].iter().chain(args);
        Cli::try_parse_from(args).unwrap_err().exit_code() == 2
    };
    assert!(is_rejected(&["retry"]));
    assert!(is_rejected(&["retry", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "--matching"]));
    assert!(is_rejected(&["discard", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "--yes"]));
    assert!(is_rejected(&["list", "--state", "asleep"]));
}
