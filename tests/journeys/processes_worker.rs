use std::time::{Duration, Instant};

use keyward_stack::mail_sink::{Action, Behaviour, Stage, Stored};
use keyward_tests::until;

use keyward_tests::Cluster;

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_email_is_sent_within_30_seconds() {
    let (cluster, _api, worker) = Cluster::running().await;
    cluster.mail.behave(Behaviour::new(Action::Silent(Stage::Final, Stored::No)).times(1));
    let ada = cluster.register("ada").await;
    let sending = cluster.mail.wait_for_attempts(&ada.email, 1, Duration::from_secs(30)).await;
    assert_eq!(
        sending.unwrap()[0].stage,
        Stage::Final,
        "the whole email was sent, and no reply arrived"
    );

    worker.kill().await;
    let killed_at = Instant::now();
    let _worker = cluster.start_worker().await;
    cluster.nth_mail(&ada.email, "Confirm", 1).await;

    assert!(killed_at.elapsed() < Duration::from_secs(30), "{:?}", killed_at.elapsed());
    cluster.settle().await;
    assert_eq!(cluster.mail.messages().len(), 1);
    assert_eq!(cluster.mail.attempts().len(), 2);
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_workers_lose_and_repeat_no_job() {
    let cluster = Cluster::new().await;
    let _api = cluster.start_api().await;
    let mut mailed = Vec::new();
    for n in 0..24 {
        mailed.push(cluster.register(&format!("user{n}")).await.email);
    }

    let first = cluster.start_worker().await;
    until("the first job has started", async || {
        (!cluster.mail.messages().is_empty()).then_some(())
    })
    .await;
    let second = cluster.start_worker().await;
    first.stop().await;
    mailed.push(cluster.register("late").await.email);
    let _third = cluster.start_worker().await;
    second.stop().await;
    mailed.push(cluster.register("later").await.email);
    cluster.settle().await;

    for email in mailed {
        assert_eq!(cluster.mail.attempts_to(&email).len(), 1, "{email}");
        assert_eq!(cluster.mail.messages_to(&email).len(), 1, "{email}");
    }
    cluster.clear().await;
}
