use std::time::{Duration, Instant};

use keyward_tests::{Account, Reply, until};
use serde_json::json;

use keyward_tests::Cluster;

fn expect_unavailable(reply: Reply) {
    let reply = reply.expect_problem(503, "unavailable");
    let retry_after: u64 = reply.header("retry-after").parse().expect("Retry-After in seconds");
    assert!((1..=60).contains(&retry_after), "{retry_after}");
    assert!(!reply.text.to_lowercase().contains("sql"), "{}", reply.text);
}

async fn commands_are_unavailable(cluster: &Cluster, ada: &Account) {
    let new = json!({"email": "bob@example.org", "password": "correct horse battery", "display_name": "b"});
    let (log_in, register, reset) = tokio::join!(
        cluster.try_log_in(ada),
        cluster.post("/v1/users", new),
        cluster.post("/v1/password-resets", json!({"email": ada.email})),
    );
    expect_unavailable(log_in);
    expect_unavailable(register);
    expect_unavailable(reset);
}

async fn everything_works_again(cluster: &Cluster, ada: &Account, nth: usize) {
    until("the API is ready again", async || {
        cluster.get("/health/ready").await.status.is_success().then_some(())
    })
    .await;
    cluster.log_in(ada).await;
    cluster.post("/v1/password-resets", json!({"email": ada.email})).await.expect(202);
    cluster.nth_mail(&ada.email, "Reset", nth).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_postgres_only_cached_users_are_served() {
    let (mut cluster, _api, _worker) = Cluster::running().await;
    let ada = cluster.account("ada").await;
    let (cached, _) = cluster.log_in(&ada).await;
    let (uncached, _) = cluster.log_in(&ada).await;
    cluster.me(&cached).await.expect(200);
    cluster.settle().await;

    cluster.stack.postgres.stop().await;
    commands_are_unavailable(&cluster, &ada).await;
    cluster.me(&cached).await.expect(200);
    expect_unavailable(cluster.me(&uncached).await);
    until("the API reports it", async || {
        let ready = cluster.get("/health/ready").await;
        (ready.status.as_u16() == 503).then_some(())
    })
    .await;
    cluster.get("/health/live").await.expect(200);
    cluster.stack.postgres.restart().await.unwrap();

    everything_works_again(&cluster, &ada, 1).await;
    cluster.stack.postgres.kill().await;
    cluster.stack.postgres.restart().await.unwrap();
    everything_works_again(&cluster, &ada, 2).await;
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_get_503_in_seconds_while_postgres_is_paused() {
    let (cluster, _api, _worker) = Cluster::running().await;
    let ada = cluster.account("ada").await;
    let (cached, _) = cluster.log_in(&ada).await;
    cluster.me(&cached).await.expect(200);
    cluster.settle().await;

    cluster.stack.postgres.pause();
    let began_at = Instant::now();
    commands_are_unavailable(&cluster, &ada).await;
    assert!(began_at.elapsed() < Duration::from_secs(15), "{:?}", began_at.elapsed());
    cluster.me(&cached).await.expect(200);
    cluster.stack.postgres.resume();

    everything_works_again(&cluster, &ada, 1).await;
    cluster.clear().await;
}
