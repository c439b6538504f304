use std::time::{Duration, Instant};

use keyward_tests::{Account, Cluster, Program, Proxy, Reply, Traffic, until};
use serde_json::json;

/// Maximum response time during an outage of the cache.
const QUICK: Duration = Duration::from_secs(2);
/// Maximum time that a change made through an API without Redis takes to reach the other APIs, if a
/// worker can reach Redis: see `docs/operate/faults.md`.
const INVALIDATION_BOUND: Duration = Duration::from_secs(5);

async fn quickly(what: impl Future<Output = Reply>) -> Reply {
    let began_at = Instant::now();
    let reply = what.await;
    assert!(began_at.elapsed() < QUICK, "{:?}: {}", began_at.elapsed(), reply.text);
    reply
}

async fn until_redis_is(cluster: &Cluster, url: &str, is_unavailable: bool) {
    let wanted = if is_unavailable { json!(["redis"]) } else { json!([]) };
    until("the API has noticed", async || {
        let ready = reqwest::get(format!("{url}/health/ready")).await.ok()?.text().await.ok()?;
        let ready: serde_json::Value = serde_json::from_str(&ready).ok()?;
        (ready["degraded"] == wanted).then_some(())
    })
    .await;
    cluster.get("/health/live").await.expect(200);
}

/// Two APIs that both have a user in the cache, and the user's access token. There is no worker:
/// only the APIs can invalidate.
async fn known_to_two_apis(cluster: &Cluster) -> (Program, Program, Account, String) {
    let api = cluster.start_api().await;
    let other = cluster.start_another_api().await;
    let worker = cluster.start_worker().await;
    let ada = cluster.account("ada").await;
    let (access, _) = cluster.log_in(&ada).await;
    cluster.settle().await;
    worker.kill().await;
    cluster.me(&access).await.expect(200);
    cluster.me_at(&other.url, &access).await.expect(200);
    (api, other, ada, access)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_login_and_logout_take_effect_at_once() {
    let (mut cluster, _api, worker) = Cluster::running().await;
    let ada = cluster.account("ada").await;
    let (access, _) = cluster.log_in(&ada).await;
    cluster.me(&access).await.expect(200);

    cluster.stack.redis.stop().await;
    quickly(cluster.me(&access)).await.expect(200);
    let (during, refresh) = cluster.log_in(&ada).await;
    quickly(cluster.me(&during)).await.expect(200);
    quickly(cluster.try_log_in(&ada)).await.expect(201);
    quickly(cluster.log_out(&access)).await.expect(204);
    quickly(cluster.me(&access)).await.expect_problem(401, "session_ended");
    cluster.post("/v1/password-resets", json!({"email": ada.email})).await.expect(202);
    cluster.nth_mail(&ada.email, "Reset", 1).await;
    cluster.stack.redis.restart().await.unwrap();

    until_redis_is(&cluster, &cluster.url, false).await;
    cluster.me(&access).await.expect_problem(401, "session_ended");
    cluster.me(&during).await.expect(200);
    cluster.post("/v1/sessions/refresh", json!({"refresh_token": refresh})).await.expect(200);
    drop(worker);
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_end_while_redis_hangs_stay_ended() {
    let cluster = Cluster::new().await;
    let (_api, other, ada, access) = known_to_two_apis(&cluster).await;

    cluster.stack.redis.pause();
    quickly(cluster.me(&access)).await.expect(200);
    quickly(cluster.me_at(&other.url, &access)).await.expect(200);
    quickly(cluster.try_log_in(&ada)).await.expect(201);
    quickly(cluster.log_out(&access)).await.expect(204);
    quickly(cluster.me(&access)).await.expect_problem(401, "session_ended");
    quickly(cluster.me_at(&other.url, &access)).await.expect_problem(401, "session_ended");
    cluster.stack.redis.resume();

    for url in [&cluster.url, &other.url] {
        cluster.me_at(url, &access).await.expect_problem(401, "session_ended");
        until_redis_is(&cluster, url, false).await;
        cluster.me_at(url, &access).await.expect_problem(401, "session_ended");
    }
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_while_redis_hangs_applies_to_every_api() {
    let cluster = Cluster::new().await;
    let _api = cluster.start_api().await;
    let other = cluster.start_another_api().await;
    let worker = cluster.start_worker().await;
    let ada = cluster.account("ada").await;
    let mut sessions = Vec::new();
    for _ in 0..4 {
        let (access, _) = cluster.log_in(&ada).await;
        cluster.me_at(&other.url, &access).await.expect(200);
        sessions.push(access);
    }
    cluster.settle().await;
    worker.kill().await;

    for access in sessions {
        // No process has noticed yet.
        cluster.stack.redis.pause();
        quickly(cluster.log_out(&access)).await.expect(204);
        cluster.stack.redis.resume();
        cluster.me_at(&other.url, &access).await.expect_problem(401, "session_ended");
        cluster.me(&access).await.expect_problem(401, "session_ended");
        until_redis_is(&cluster, &cluster.url, false).await;
        until_redis_is(&cluster, &other.url, false).await;
    }
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logout_without_redis_reaches_other_apis_with_the_worker() {
    let cluster = Cluster::new().await;
    let proxy = Proxy::to_server(cluster.setting("REDIS_URL")).await;
    let own = [("REDIS_URL", proxy.url(cluster.setting("REDIS_URL")))];
    let _api = cluster.start_api_at(&cluster.url, &own).await;
    let other = cluster.start_another_api().await;
    let _worker = cluster.start_worker().await;
    let ada = cluster.account("ada").await;
    let (access, _) = cluster.log_in(&ada).await;
    let (held, _) = cluster.log_in(&ada).await;
    cluster.settle().await;

    for (access, traffic) in [(access, Traffic::Cut), (held, Traffic::Held)] {
        cluster.me_at(&other.url, &access).await.expect(200);
        cluster.me_at(&other.url, &access).await.expect(200);
        proxy.set(traffic);
        quickly(cluster.log_out(&access)).await.expect(204);
        let answered_at = Instant::now();
        cluster.me(&access).await.expect_problem(401, "session_ended");
        until("the worker has invalidated the session", async || {
            let reply = cluster.me_at(&other.url, &access).await;
            (reply.status == 401).then_some(())
        })
        .await;
        let took = answered_at.elapsed();
        assert!(took < INVALIDATION_BOUND, "{traffic:?}: {took:?} after the response");
        // The other API could reach Redis all the time.
        until_redis_is(&cluster, &other.url, false).await;

        proxy.set(Traffic::Open);
        until_redis_is(&cluster, &cluster.url, false).await;
        cluster.me(&access).await.expect_problem(401, "session_ended");
        cluster.me_at(&other.url, &access).await.expect_problem(401, "session_ended");
    }
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_while_redis_is_full_applies_to_every_api() {
    let cluster = Cluster::new().await;
    let (_api, other, _, access) = known_to_two_apis(&cluster).await;

    let redis = redis::Client::open(cluster.stack.urls().redis).unwrap();
    let mut redis = redis.get_multiplexed_async_connection().await.unwrap();
    let mut limit = redis::cmd("CONFIG");
    limit.arg("SET").arg("maxmemory").arg("1");
    limit.exec_async(&mut redis).await.unwrap();
    cluster.log_out(&access).await.expect(204);
    cluster.me_at(&other.url, &access).await.expect_problem(401, "session_ended");

    until_redis_is(&cluster, &other.url, true).await;
    cluster.clear().await;
}
