use std::time::{Duration, Instant};

use keyward_tests::{Account, House, Passage, Program, Proxy, Reply, until};
use serde_json::json;

/// An outage of the cache may be felt, but not waited for.
const QUICK: Duration = Duration::from_secs(2);

async fn quickly(what: impl Future<Output = Reply>) -> Reply {
    let began_at = Instant::now();
    let reply = what.await;
    assert!(began_at.elapsed() < QUICK, "{:?}: {}", began_at.elapsed(), reply.text);
    reply
}

async fn until_redis_is(house: &House, url: &str, away: bool) {
    let wanted = if away { json!(["redis"]) } else { json!([]) };
    until("the API has noticed", async || {
        let ready = reqwest::get(format!("{url}/health/ready")).await.ok()?.text().await.ok()?;
        let ready: serde_json::Value = serde_json::from_str(&ready).ok()?;
        (ready["degraded"] == wanted).then_some(())
    })
    .await;
    house.get("/health/live").await.expect(200);
}

/// Two APIs that both have somebody in the cache, with their access token. No worker: nobody but the
/// APIs themselves may put it right.
async fn known_to_two_apis(house: &House) -> (Program, Program, Account, String) {
    let api = house.start_api().await;
    let other = house.start_another_api().await;
    let worker = house.start_worker().await;
    let ada = house.account("ada").await;
    let (access, _) = house.log_in(&ada).await;
    house.settle().await;
    worker.kill().await;
    house.me(&access).await.expect(200);
    house.me_at(&other.url, &access).await.expect(200);
    (api, other, ada, access)
}

#[tokio::test(flavor = "multi_thread")]
async fn with_redis_stopped_logging_in_and_asking_who_one_is_work_and_a_logout_counts_at_once() {
    let mut house = House::new().await;
    let _api = house.start_api().await;
    let worker = house.start_worker().await;
    let ada = house.account("ada").await;
    let (access, _) = house.log_in(&ada).await;
    house.me(&access).await.expect(200);

    house.stack.redis.stop().await;
    quickly(house.me(&access)).await.expect(200);
    let (during, refresh) = house.log_in(&ada).await;
    quickly(house.me(&during)).await.expect(200);
    quickly(house.try_log_in(&ada)).await.expect(201);
    quickly(house.log_out(&access)).await.expect(204);
    quickly(house.me(&access)).await.expect_problem(401, "session_ended");
    house.post("/v1/password-resets", json!({"email": ada.email})).await.expect(202);
    house.nth_mail(&ada.email, "Reset", 1).await;
    house.stack.redis.restart().await.unwrap();

    until_redis_is(&house, &house.url, false).await;
    house.me(&access).await.expect_problem(401, "session_ended");
    house.me(&during).await.expect(200);
    house.post("/v1/sessions/refresh", json!({"refresh_token": refresh})).await.expect(200);
    drop(worker);
    house.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_while_redis_hung_is_over_at_every_api_when_it_is_back() {
    let house = House::new().await;
    let (_api, other, ada, access) = known_to_two_apis(&house).await;

    house.stack.redis.pause();
    quickly(house.me(&access)).await.expect(200);
    quickly(house.me_at(&other.url, &access)).await.expect(200);
    quickly(house.try_log_in(&ada)).await.expect(201);
    quickly(house.log_out(&access)).await.expect(204);
    quickly(house.me(&access)).await.expect_problem(401, "session_ended");
    quickly(house.me_at(&other.url, &access)).await.expect_problem(401, "session_ended");
    house.stack.redis.resume();

    for url in [&house.url, &other.url] {
        house.me_at(url, &access).await.expect_problem(401, "session_ended");
        until_redis_is(&house, url, false).await;
        house.me_at(url, &access).await.expect_problem(401, "session_ended");
    }
    house.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_in_the_moment_redis_hangs_counts_at_every_api_at_once() {
    let house = House::new().await;
    let _api = house.start_api().await;
    let other = house.start_another_api().await;
    let worker = house.start_worker().await;
    let ada = house.account("ada").await;
    let mut sessions = Vec::new();
    for _ in 0..4 {
        let (access, _) = house.log_in(&ada).await;
        house.me_at(&other.url, &access).await.expect(200);
        sessions.push(access);
    }
    house.settle().await;
    worker.kill().await;

    for access in sessions {
        // Not noticed by anybody yet.
        house.stack.redis.pause();
        quickly(house.log_out(&access)).await.expect(204);
        house.stack.redis.resume();
        house.me_at(&other.url, &access).await.expect_problem(401, "session_ended");
        house.me(&access).await.expect_problem(401, "session_ended");
        until_redis_is(&house, &house.url, false).await;
        until_redis_is(&house, &other.url, false).await;
    }
    house.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_where_redis_is_out_of_reach_counts_at_once_where_it_is_not() {
    let house = House::new().await;
    let way = Proxy::to_server(house.setting("REDIS_URL")).await;
    let own = [("REDIS_URL", way.url(house.setting("REDIS_URL")))];
    let _api = house.start_api_with(&own).await;
    let other = house.start_another_api().await;
    let worker = house.start_worker().await;
    let ada = house.account("ada").await;
    let (access, _) = house.log_in(&ada).await;
    let (held, _) = house.log_in(&ada).await;
    house.settle().await;
    // Nobody but the APIs themselves may put it right.
    worker.kill().await;

    for (access, passage) in [(access, Passage::Cut), (held, Passage::Held)] {
        house.me_at(&other.url, &access).await.expect(200);
        house.me_at(&other.url, &access).await.expect(200);
        way.set(passage);
        quickly(house.log_out(&access)).await.expect(204);
        house.me_at(&other.url, &access).await.expect_problem(401, "session_ended");
        house.me(&access).await.expect_problem(401, "session_ended");
        // Not by chance: to the other one Redis was never away.
        until_redis_is(&house, &other.url, false).await;

        way.set(Passage::Open);
        until_redis_is(&house, &house.url, false).await;
        house.me(&access).await.expect_problem(401, "session_ended");
        house.me_at(&other.url, &access).await.expect_problem(401, "session_ended");
    }
    house.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_while_redis_is_full_counts_at_once_at_an_api_that_only_reads() {
    let house = House::new().await;
    let (_api, other, _, access) = known_to_two_apis(&house).await;

    let redis = redis::Client::open(house.stack.urls().redis).unwrap();
    let mut redis = redis.get_multiplexed_async_connection().await.unwrap();
    let mut limit = redis::cmd("CONFIG");
    limit.arg("SET").arg("maxmemory").arg("1");
    limit.exec_async(&mut redis).await.unwrap();
    house.log_out(&access).await.expect(204);
    house.me_at(&other.url, &access).await.expect_problem(401, "session_ended");

    until_redis_is(&house, &other.url, true).await;
    house.clear().await;
}
