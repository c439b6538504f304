use std::time::{Duration, Instant};

use keyward_tests::{Account, Reply, until};
use serde_json::json;

use keyward_tests::House;

fn expect_away(reply: Reply) {
    let reply = reply.expect_problem(503, "unavailable");
    let retry_after: u64 = reply.header("retry-after").parse().expect("Retry-After in seconds");
    assert!((1..=60).contains(&retry_after), "{retry_after}");
    assert!(!reply.text.to_lowercase().contains("sql"), "{}", reply.text);
}

async fn everything_that_needs_postgres_is_503(house: &House, ada: &Account) {
    let new = json!({"email": "bob@example.org", "password": "correct horse battery", "display_name": "b"});
    let (log_in, register, reset) = tokio::join!(
        house.try_log_in(ada),
        house.post("/v1/users", new),
        house.post("/v1/password-resets", json!({"email": ada.email})),
    );
    expect_away(log_in);
    expect_away(register);
    expect_away(reset);
}

async fn everything_is_back(house: &House, ada: &Account, nth: usize) {
    until("the API is ready again", async || {
        house.get("/health/ready").await.status.is_success().then_some(())
    })
    .await;
    house.log_in(ada).await;
    house.post("/v1/password-resets", json!({"email": ada.email})).await.expect(202);
    house.nth_mail(&ada.email, "Reset", nth).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_postgres_the_answer_is_503_who_is_cached_is_served_and_all_comes_back_by_itself() {
    let mut house = House::new().await;
    let _api = house.start_api().await;
    let _worker = house.start_worker().await;
    let ada = house.account("ada").await;
    let (cached, _) = house.log_in(&ada).await;
    let (uncached, _) = house.log_in(&ada).await;
    house.me(&cached).await.expect(200);
    house.settle().await;

    house.stack.postgres.stop().await;
    everything_that_needs_postgres_is_503(&house, &ada).await;
    house.me(&cached).await.expect(200);
    expect_away(house.me(&uncached).await);
    until("the API says so", async || {
        let ready = house.get("/health/ready").await;
        (ready.status.as_u16() == 503).then_some(())
    })
    .await;
    house.get("/health/live").await.expect(200);
    house.stack.postgres.restart().await.unwrap();

    everything_is_back(&house, &ada, 1).await;
    house.stack.postgres.kill().await;
    house.stack.postgres.restart().await.unwrap();
    everything_is_back(&house, &ada, 2).await;
    house.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_hangs_is_answered_for_within_seconds() {
    let house = House::new().await;
    let _api = house.start_api().await;
    let _worker = house.start_worker().await;
    let ada = house.account("ada").await;
    let (cached, _) = house.log_in(&ada).await;
    house.me(&cached).await.expect(200);
    house.settle().await;

    house.stack.postgres.pause();
    let began_at = Instant::now();
    everything_that_needs_postgres_is_503(&house, &ada).await;
    assert!(began_at.elapsed() < Duration::from_secs(15), "{:?}", began_at.elapsed());
    house.me(&cached).await.expect(200);
    house.stack.postgres.resume();

    everything_is_back(&house, &ada, 1).await;
    house.clear().await;
}
