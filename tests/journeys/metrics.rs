use keyward_tests::{Cluster, until};
use reqwest::{Method, StatusCode};
use serde_json::json;

/// The value of one series.
fn value(metrics: &str, series: &str) -> Option<f64> {
    metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_need_credentials_and_are_not_public() {
    let (cluster, api, worker) = Cluster::running().await;

    for program in [&api, &worker] {
        let url = format!("{}/metrics", program.ops);
        let ask = async |name: &str, password: &str| {
            cluster.send(cluster.client.get(&url).basic_auth(name, Some(password))).await.status
        };
        let anonymous = cluster.send(cluster.client.get(&url)).await;
        assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED);
        assert!(anonymous.header("www-authenticate").starts_with("Basic "), "{anonymous:?}");
        assert!(anonymous.text.is_empty(), "{anonymous:?}");
        assert_eq!(ask("viewer", "a wrong password").await, StatusCode::UNAUTHORIZED);
        assert_eq!(ask("operator", cluster.setting("OPS_VIEWERS")).await, StatusCode::UNAUTHORIZED);
        assert_eq!(ask("viewer", cluster.setting("OPS_VIEWERS")).await, StatusCode::OK);
        assert_eq!(ask("operator", cluster.setting("OPS_OPERATORS")).await, StatusCode::OK);
        let health = cluster.client.get(format!("{}/health/ready", program.ops));
        cluster.send(health).await.expect(200);
    }
    let public = cluster.request(Method::GET, "/metrics");
    let public = public.basic_auth("viewer", Some(cluster.setting("OPS_VIEWERS")));
    cluster.send(public).await.expect(404);
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_by_route_without_personal_data() {
    let (cluster, api, worker) = Cluster::running().await;

    let account = cluster.account("canary").await;
    let (access, _) = cluster.log_in(&account).await;
    let wrong = json!({"email": account.email, "password": "canary passphrase, wrong"});
    cluster.post("/v1/sessions", wrong).await.expect(401);
    cluster.me(&access).await.expect(200);
    cluster.me(&access).await.expect(200);
    for nth in 0..100 {
        cluster.get(&format!("/canary/{nth}")).await.expect(404);
        cluster.get(&format!("/v1/avatars/canary-{nth}.webp")).await.expect(404);
        let odd = Method::from_bytes(format!("CANARY{nth}").as_bytes()).unwrap();
        cluster.send(cluster.request(odd, "/v1/users/me")).await.expect(405);
    }
    cluster.settle().await;

    let seen = cluster.metrics(&api).await;
    for (series, wanted) in [
        (r#"keyward_http_requests_total{route="/v1/users/me",method="GET",status="200"}"#, 2.0),
        (r#"keyward_http_requests_total{route="-",method="GET",status="404"}"#, 100.0),
        (
            r#"keyward_http_requests_total{route="/v1/avatars/{key}",method="GET",status="404"}"#,
            100.0,
        ),
        (r#"keyward_http_requests_total{route="/v1/users/me",method="other",status="405"}"#, 100.0),
        (r#"keyward_http_request_duration_seconds_count{route="/v1/users/me",method="GET"}"#, 2.0),
        ("keyward_http_requests_in_flight", 0.0),
        (r#"keyward_commands_total{command="log_in",outcome="ok"}"#, 1.0),
        (r#"keyward_commands_total{command="log_in",outcome="bad_credentials"}"#, 1.0),
        (r#"keyward_cache_lookups_total{result="hit"}"#, 1.0),
        (r#"keyward_cache_lookups_total{result="miss"}"#, 1.0),
        (r#"keyward_dependency_up{dependency="nats"}"#, 1.0),
        // One for the account, two for the logins.
        ("keyward_argon2_seconds_count", 3.0),
        ("keyward_argon2_shed_total", 0.0),
    ] {
        assert_eq!(value(&seen, series), Some(wanted), "{series} in\n{seen}");
    }
    let counted = [
        (r#"keyward_mail_attempts_total{outcome="accepted"}"#, 1.0),
        (
            r#"keyward_job_attempts_total{queue="email",kind="verification-email",outcome="completed"}"#,
            1.0,
        ),
        (
            r#"keyward_job_attempts_total{queue="email",kind="verification-email",outcome="dead"}"#,
            0.0,
        ),
        (r#"keyward_job_seconds_count{queue="email",kind="verification-email"}"#, 1.0),
        (r#"keyward_consumer_events_total{outcome="stored"}"#, 3.0),
        ("keyward_relay_published_total", 3.0),
        ("keyward_relay_leader", 1.0),
        ("keyward_smtp_seconds_count", 1.0),
        ("keyward_dead_letters", 0.0),
    ];
    let done = until("the worker has counted too", async || {
        let done = cluster.metrics(&worker).await;
        counted.iter().all(|(series, wanted)| value(&done, series) == Some(*wanted)).then_some(done)
    })
    .await;
    let mut all = seen;
    all += &done;
    assert!(!all.to_lowercase().contains("canary") && !all.contains("example.org"), "{all}");
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queue_metrics_are_absent_while_unknown() {
    let (cluster, _api, worker) = Cluster::running().await;
    cluster.stack.nats.pause();
    cluster.register("ada").await;

    until("an event waits", async || {
        let seen = cluster.metrics(&worker).await;
        let oldest = value(&seen, "keyward_outbox_oldest_seconds")?;
        (value(&seen, "keyward_outbox_waiting") == Some(1.0) && oldest > 0.0).then_some(())
    })
    .await;
    until("NATS is reported down, and its metrics are absent", async || {
        let seen = cluster.metrics(&worker).await;
        let up = value(&seen, r#"keyward_dependency_up{dependency="nats"}"#);
        (up == Some(0.0) && value(&seen, "keyward_consumer_pending").is_none()).then_some(())
    })
    .await;
    cluster.stack.nats.resume();
    cluster.settle().await;
    until("no event waits", async || {
        let seen = cluster.metrics(&worker).await;
        let known = ["keyward_outbox_waiting", "keyward_consumer_pending"];
        known.iter().all(|series| value(&seen, series) == Some(0.0)).then_some(())
    })
    .await;
    cluster.stack.postgres.pause();
    until("Postgres is reported down, and its metrics are absent", async || {
        let seen = cluster.metrics(&worker).await;
        let up = value(&seen, r#"keyward_dependency_up{dependency="postgres"}"#);
        (up == Some(0.0) && value(&seen, "keyward_outbox_waiting").is_none()).then_some(())
    })
    .await;
    cluster.stack.postgres.resume();
    cluster.clear().await;
}
