use serde_json::json;

use keyward_tests::Cluster;

#[tokio::test(flavor = "multi_thread")]
async fn requests_succeed_without_nats_and_emails_follow() {
    let (mut cluster, _api, _worker) = Cluster::running().await;
    let ada = cluster.account("ada").await;
    cluster.settle().await;

    cluster.stack.nats.stop().await;
    let bob = cluster.register("bob").await;
    cluster.post("/v1/password-resets", json!({"email": ada.email})).await.expect(202);
    let (access, _) = cluster.log_in(&ada).await;
    cluster.me(&access).await.expect(200);
    let ready = cluster.get("/health/ready").await.expect(200);
    assert_eq!(ready.json()["degraded"], json!(["nats"]));
    cluster.stack.nats.restart().await.unwrap();

    cluster.nth_mail(&bob.email, "Confirm", 1).await;
    cluster.nth_mail(&ada.email, "Reset", 1).await;
    cluster.settle().await;
    assert_eq!(cluster.mail.messages().len(), 3, "each once");
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_nats_loses_no_unpublished_event() {
    let (mut cluster, _api, _worker) = Cluster::running().await;
    let ada = cluster.account("ada").await;
    cluster.settle().await;

    cluster.stack.nats.stop().await;
    let bob = cluster.register("bob").await;
    cluster.stack.nats.wipe().await.unwrap();
    let cleo = cluster.register("cleo").await;

    cluster.nth_mail(&bob.email, "Confirm", 1).await;
    cluster.nth_mail(&cleo.email, "Confirm", 1).await;
    cluster.settle().await;
    assert_eq!(cluster.mail.messages().len(), 3, "each once");
    cluster.post("/v1/password-resets", json!({"email": ada.email})).await.expect(202);
    cluster.nth_mail(&ada.email, "Reset", 1).await;
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeatedly_killed_nats_loses_no_event() {
    let (mut cluster, _api, _worker) = Cluster::running().await;
    let mut mailed = Vec::new();

    for round in 0..3 {
        mailed.push(cluster.register(&format!("before{round}")).await.email);
        cluster.stack.nats.kill().await;
        mailed.push(cluster.register(&format!("during{round}")).await.email);
        cluster.stack.nats.restart().await.unwrap();
    }

    for email in &mailed {
        cluster.nth_mail(email, "Confirm", 1).await;
    }
    cluster.settle().await;
    assert_eq!(cluster.mail.messages().len(), mailed.len(), "each once");
    cluster.clear().await;
}
