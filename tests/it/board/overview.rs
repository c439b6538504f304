use keyward_stack::mail_sink::Behaviour;
use keyward_tests::{World, until};
use keyward_worker::ops::snapshot::QueueSnapshot;
use reqwest::Method;
use serde_json::json;

use super::{KIND, plant};

/// The overview, as soon as it contains a text.
async fn says(world: &World, text: &str) -> String {
    until(&format!("the overview contains {text:?}"), async || {
        let page = world.look("/").await.expect(200).text;
        page.contains(text).then_some(page)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn overview_reports_a_healthy_system() {
    let world = World::with_operations().await;
    world.register("ada").await;
    world.settle().await;

    let page = says(&world, "All is well: nothing is stuck or failing.").await;

    assert!(page.contains("alive"), "the worker has a heartbeat");
    // The counters are written every few seconds.
    let counted = async || {
        let snapshot = QueueSnapshot::take(&world.app, &world.nats).await.unwrap();
        let kind = snapshot.kinds.into_iter().find(|kind| kind.kind == KIND).unwrap();
        (kind.last_hour.completed() == 1).then_some(kind)
    };
    let kind = until("the job is counted", counted).await;
    assert_eq!(kind.last_hour.failed(), 0);
    let run_time = kind.last_hour.run_times.percentile_ms(0.5).unwrap();
    let latency = kind.last_hour.latencies.percentile_ms(0.5).unwrap();
    assert!(run_time > 0.0 && latency >= run_time / 2.0, "{run_time} {latency}");
}

#[tokio::test(flavor = "multi_thread")]
async fn overview_names_stuck_dead_and_failing_jobs() {
    let world = World::with_operations().await;
    world.act(&format!("/queues/{KIND}/pause"), &[]).await;
    plant(&world, "invitation-email", "dead", "550 5.1.1 no such mailbox", 3).await;
    world.publish("user.registered", "poison", "no event").await;
    world.mail.behave(Behaviour::reply("451 4.7.1 greylisted, come back"));
    for name in ["ada", "bob", "cleo"] {
        let address = world.registered_and_verified(name).await;
        world.post("/v1/password-resets", json!({"email": address})).await.expect(202);
    }
    world.postponed("password-reset-email").await;

    let page = says(&world, "password-reset-email fails: ").await;
    for text in [
        "invitation-email: 3 dead jobs.",
        "1 unreadable event.",
        "verification-email is paused by ada",
        "things need attention.",
        "451 4.7.1 greylisted, come back",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn overview_reports_jobs_of_a_later_release() {
    let world = World::with_operations().await;
    plant(&world, "from-the-future", "available", "", 2).await;

    says(&world, "2 jobs wait for a release that can read them.").await;
    let counts =
        async || world.look("/metrics").await.text.contains("keyward_jobs_unknown 2").then_some(());
    until("a metric counts them", counts).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshot_does_not_scan_completed_jobs() {
    let world = World::with_operations().await;
    world.act(&format!("/queues/{KIND}/pause"), &[]).await;
    let kind = async || {
        let snapshot = QueueSnapshot::take(&world.app, &world.nats).await.unwrap();
        snapshot.kinds.into_iter().find(|kind| kind.kind == KIND).unwrap()
    };
    until("the pause is known", async || kind().await.pause.map(drop)).await;
    plant(&world, "blob-collection", "dead", "x", 1).await;
    plant(&world, KIND, "scheduled", "x", 5).await;
    plant(&world, KIND, "dead", "x", 7).await;
    plant(&world, KIND, "completed", "", 11).await;
    world.sql("update apalis.jobs set done_at = now() where status = 'Done'").await;

    let snapshot = QueueSnapshot::take(&world.app, &world.nats).await.unwrap();
    let found = snapshot.kinds.iter().find(|kind| kind.kind == KIND).unwrap();

    assert_eq!((found.jobs.scheduled, found.jobs.dead), (5, 7));
    assert!((3_500.0..=3_600.0).contains(&found.jobs.next_scheduled_s.unwrap()));
    assert_eq!(found.pause.as_ref().unwrap().by, "ada");
    assert_eq!(snapshot.jobs("").dead, 8);
    assert_eq!(snapshot.workers_alive(), 1);
    let lag = snapshot.stream.unwrap();
    assert_eq!((lag.pending, lag.unacknowledged), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn open_page_receives_every_snapshot() {
    let world = World::with_operations().await;
    says(&world, "All is well").await;
    let request = world.ops_request(Method::GET, "/live");
    let request = request.basic_auth("bob", Some("the-viewer-of-this-test--"));
    let mut news = request.send().await.unwrap();
    assert_eq!(news.headers()["content-type"], "text/event-stream");

    plant(&world, KIND, "dead", "x", 2).await;

    let mut said = String::new();
    while !said.contains("verification-email: 2 dead jobs.") {
        said.push_str(std::str::from_utf8(&news.chunk().await.unwrap().unwrap()).unwrap());
    }
    assert!(!said.contains("method=\"post\""), "a viewer sees no buttons");
}

#[tokio::test(flavor = "multi_thread")]
async fn open_page_does_not_delay_shutdown() {
    let cluster = keyward_tests::Cluster::new().await;
    let worker = cluster.start_worker().await;
    let password = cluster.setting("OPS_VIEWERS").to_owned();
    let request = cluster.client.get(format!("{}/live", worker.url));
    let _open = request.basic_auth("viewer", Some(password)).send().await.unwrap();

    worker.stop().await;
    cluster.clear().await;
}
