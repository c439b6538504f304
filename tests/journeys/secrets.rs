use async_nats::jetstream;
use futures_util::TryStreamExt as _;
use keyward_stack::mail_sink::Behaviour;
use keyward_tests::{Cluster, Endpoint, code_in};
use reqwest::Method;
use serde_json::json;
use sqlx::PgPool;

use crate::{collector::Collector, scanner::Scanner};

const PASSWORD: &str = "canary-passphrase-7f3a9c-first";
const WRONG: &str = "canary-passphrase-7f3a9c-wrong";
const NEXT: &str = "canary-passphrase-7f3a9c-next";
const INTRUDERS: &str = "canary-passphrase-7f3a9c-intruder";

#[tokio::test(flavor = "multi_thread")]
async fn no_store_log_trace_or_metric_contains_a_secret() {
    let collector = Collector::start().await;
    let settings = [
        ("LOG_FILTER", "trace"),
        ("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8"),
        ("OTLP_ENDPOINT", &collector.url),
    ];
    let cluster = Cluster::with(&settings).await;
    let api = cluster.start_api().await;
    let worker = cluster.start_worker().await;
    let mut scanner = Scanner::default();
    for (what, password) in
        [("password", PASSWORD), ("wrong", WRONG), ("next", NEXT), ("intruder's", INTRUDERS)]
    {
        scanner.secret(what, password);
    }
    for key in ["LINK_KEY", "SESSION_KEY", "WEBHOOK_KEY", "SIGNING_KEYS"] {
        scanner.key(key, cluster.setting(key));
    }
    for who in ["OPS_OPERATORS", "OPS_VIEWERS"] {
        scanner.secret(who, cluster.setting(who));
    }
    for server in ["DATABASE_URL", "REDIS_URL", "NATS_URL", "SMTP_URL"] {
        let url = cluster.setting(server);
        let (_, password) = url.split_once("://").unwrap().1.split_once(':').unwrap();
        scanner.secret(server, password.split_once('@').unwrap().0);
    }

    run_every_flow(&cluster, &mut scanner).await;
    cluster.settle().await;

    let postgres = dump_postgres(&cluster.db).await;
    let nats = dump_nats(&cluster).await;
    let redis = dump_redis(cluster.stack.redis.url()).await;
    let metrics = cluster.metrics(&api).await + &cluster.metrics(&worker).await;
    // Sends the last spans.
    api.stop().await;
    worker.stop().await;
    let traces = collector.bytes();
    // Known content shows that the dumps are complete.
    assert_contains("Postgres", &postgres, "canary@example.org");
    assert_contains("the jobs in Postgres", &postgres, "work");
    assert_contains("NATS", &nats, "user.password_changed");
    assert_contains("Redis", &redis, "canary@example.org");
    assert_contains("the API's log", api.log().as_bytes(), "TRACE");
    assert_contains("the worker's log", worker.log().as_bytes(), "TRACE");
    assert_contains("the traces", &traces, "reset_password");
    assert_contains("the metrics", metrics.as_bytes(), "reset_password");
    let mut found = Vec::new();
    for (place, dump) in [
        ("Postgres", postgres),
        ("NATS", nats),
        ("Redis", redis),
        ("the traces", traces),
        ("the metrics", metrics.into_bytes()),
        ("the API's log", api.log().into_bytes()),
        ("the worker's log", worker.log().into_bytes()),
    ] {
        found.extend(scanner.find(place, &dump));
    }
    assert!(found.is_empty(), "{} secrets found:\n{}", found.len(), found.join("\n"));
    cluster.clear().await;
}

/// Runs every flow, including failing ones, and collects all secrets.
async fn run_every_flow(cluster: &Cluster, scanner: &mut Scanner) {
    let email = "canary@example.org";
    let credentials = |password: &str| json!({"email": email, "password": password});
    let new =
        |password: &str| json!({"email": email, "password": password, "display_name": "Canary"});
    cluster.mail.behave(Behaviour::reply("451 4.3.0 try later").times(1));
    cluster.post("/v1/users", new(PASSWORD)).await.expect(202);
    cluster.retry_failed_job().await;
    let mail = cluster.nth_mail(email, "Confirm", 1).await;
    cluster.post("/v1/email-verifications", json!({"email": email})).await.expect(202);
    let mail_again = cluster.nth_mail(email, "Confirm", 2).await;
    for (what, mail) in [("verification", &mail), ("second verification", &mail_again)] {
        scanner.token(what, &cluster.token(mail, "/verify-email"));
    }
    cluster.post("/v1/sessions", credentials(PASSWORD)).await.expect(403);
    let token = cluster.token(&mail_again, "/verify-email");
    let confirm = json!({"token": token, "current_password": PASSWORD});
    cluster.post("/v1/email-verifications/confirm", confirm).await.expect(422);
    cluster.post("/v1/email-verifications/confirm", json!({"token": token})).await.expect(204);
    cluster.post("/v1/email-verifications/confirm", json!({"token": token})).await.expect(400);
    cluster.post("/v1/users", new(INTRUDERS)).await.expect(202);
    cluster.nth_mail(email, "already have", 1).await;

    cluster.post("/v1/sessions", credentials(WRONG)).await.expect(401);
    let broken = format!("{{\"email\": \"{email}\", \"password\": \"{WRONG}\"");
    let request = cluster.request(Method::POST, "/v1/sessions").body(broken);
    let request = request.header("content-type", "application/json");
    cluster.send(request).await.expect(400);
    let body = cluster.post("/v1/sessions", credentials(PASSWORD)).await.expect(201).json();
    let access = body["access_token"].as_str().unwrap().to_owned();
    let refresh = body["refresh_token"].as_str().unwrap().to_owned();
    scanner.token("access", &access);
    scanner.token("refresh", &refresh);
    cluster.me(&access).await.expect(200);
    cluster.me(&access).await.expect(200);
    cluster.me(&format!("{access}x")).await.expect(401);
    cluster.me(&refresh).await.expect(401);
    let body = json!({"display_name": "Canary II"});
    cluster.send_as(&access, Method::PATCH, "/v1/users/me", body).await.expect(200);
    let body = json!({"refresh_token": refresh});
    let body = cluster.post("/v1/sessions/refresh", body).await.expect(200).json();
    let refreshed = body["refresh_token"].as_str().unwrap().to_owned();
    scanner.token("second access", body["access_token"].as_str().unwrap());
    scanner.token("second refresh", &refreshed);
    cluster.post("/v1/sessions/refresh", json!({"refresh_token": access})).await.expect(401);

    cluster.post("/v1/password-resets", json!({"email": email})).await.expect(202);
    let mail = cluster.nth_mail(email, "Reset", 1).await;
    let token = cluster.token(&mail, "/reset-password");
    scanner.token("reset", &token);
    cluster.get("/reset-password").await.expect(200);
    // As some mail gateways change the link; the client follows the redirect.
    for sign in ["%23", "%2523", "/%23"] {
        cluster.get(&format!("/reset-password{sign}{token}")).await.expect(200);
    }
    cluster.get(&format!("/reset-passwords%23{token}")).await.expect(404);
    let code = code_in(&mail.text).unwrap();
    scanner.code("reset code", &code);
    let (wrong, broken) = ("CNRZ-WRNG", "CNRY-BRKN-CNRY");
    scanner.code("wrong code", wrong);
    scanner.code("broken code", broken);
    let reset =
        |code: &str, password: &str| json!({"email": email, "code": code, "password": password});
    cluster.post("/v1/password-resets/confirm", reset(&code, "canary")).await.expect(422);
    cluster.post("/v1/password-resets/confirm", reset(broken, NEXT)).await.expect(422);
    cluster.post("/v1/password-resets/confirm", reset(wrong, NEXT)).await.expect(400);
    cluster.post("/v1/password-resets/confirm", reset(&code, NEXT)).await.expect(204);
    cluster.post("/v1/password-resets/confirm", reset(&code, NEXT)).await.expect(400);
    cluster.nth_mail(email, "was changed", 1).await;
    cluster.post("/v1/sessions/refresh", json!({"refresh_token": refreshed})).await.expect(401);
    let body = cluster.post("/v1/sessions", credentials(NEXT)).await.expect(201).json();
    let access = body["access_token"].as_str().unwrap().to_owned();
    scanner.token("third access", &access);
    scanner.token("third refresh", body["refresh_token"].as_str().unwrap());
    cluster.me(&access).await.expect(200);
    cluster.log_out(&access).await.expect(204);
    cluster.me(&access).await.expect(401);
    change_and_undo_an_address(cluster, scanner, email).await;
    // One account remains, so that the cache has content.
    let body = cluster.post("/v1/sessions", credentials(NEXT)).await.expect(201).json();
    cluster.me(body["access_token"].as_str().unwrap()).await.expect(200);
    sign_webhooks(cluster, scanner, body["access_token"].as_str().unwrap()).await;
}

/// An endpoint with two secrets, a delivery signed with both, and a service token with two secrets.
async fn sign_webhooks(cluster: &Cluster, scanner: &mut Scanner, access: &str) {
    sqlx::query("update users set role = 'admin'").execute(&cluster.db).await.unwrap();
    let endpoint = Endpoint::start().await;
    let post =
        async |path: &str, body| cluster.send_as(access, Method::POST, path, body).await.json();
    let body = json!({"url": endpoint.url(), "types": ["user.deleted"]});
    let created = post("/v1/webhooks", body).await;
    let path = format!("/v1/webhooks/{}", created["webhook"]["id"].as_str().unwrap());
    let next = post(&format!("{path}/secret"), json!({})).await;
    for (what, answer) in [("webhook", &created), ("second webhook", &next)] {
        let secret = answer["secret"].as_str().unwrap();
        scanner.key(what, secret.strip_prefix("whsec_").unwrap());
    }
    post(&format!("{path}/ping"), json!({})).await;
    assert_eq!(endpoint.nth(1).await.headers["webhook-signature"].split(' ').count(), 2);
    let first = post("/v1/service-tokens", json!({"name": "x", "scopes": ["events:read"]})).await;
    let path = format!("/v1/service-tokens/{}/rotate", first["id"].as_str().unwrap());
    for made in [&post(&path, json!({})).await, &first] {
        let token = made["token"].as_str().unwrap();
        scanner.token("service", token);
        cluster.send_as(token, Method::GET, "/v1/events", json!({})).await.expect(200);
        cluster.send_as(token, Method::GET, "/v1/users", json!({})).await.expect(403);
    }
}

/// Changes an address, undoes it, and deletes another account.
async fn change_and_undo_an_address(cluster: &Cluster, scanner: &mut Scanner, email: &str) {
    let new = "canary.moved@example.org";
    let log_in = async |email: &str| {
        let body = json!({"email": email, "password": NEXT});
        let body = cluster.post("/v1/sessions", body).await.expect(201).json();
        body["access_token"].as_str().unwrap().to_owned()
    };
    let ask = async |access: &str, password: &str| {
        let body = json!({"email": new, "current_password": password});
        cluster.send_as(access, Method::PUT, "/v1/users/me/email", body).await
    };
    let access = log_in(email).await;
    ask(&access, WRONG).await.expect(403);
    ask(&access, NEXT).await.expect(202);
    let confirm = cluster.nth_mail(new, "Confirm your new", 1).await;
    let confirm = cluster.token(&confirm, "/confirm-email");
    let undo = cluster.nth_mail(email, "about to change", 1).await;
    let undo = cluster.token(&undo, "/undo-email");
    scanner.token("confirmation of an address", &confirm);
    scanner.token("undo of an address", &undo);
    cluster.post("/v1/email-changes/undo", json!({"token": confirm})).await.expect(400);
    cluster.post("/v1/email-changes/confirm", json!({"token": confirm})).await.expect(204);
    cluster.nth_mail(email, "address was changed", 1).await;
    cluster.post("/v1/email-changes/undo", json!({"token": undo})).await.expect(204);
    let reset = cluster.nth_mail(email, "Reset", 2).await;
    let reset = cluster.token(&reset, "/reset-password");
    scanner.token("reset after an undo", &reset);
    let body = json!({"token": reset, "password": NEXT});
    cluster.post("/v1/password-resets/confirm", body).await.expect(204);

    let other = "gone@example.org";
    let body = json!({"email": other, "password": NEXT, "display_name": "Gone"});
    cluster.post("/v1/users", body).await.expect(202);
    let mail = cluster.nth_mail(other, "Confirm", 1).await;
    let body = json!({"token": cluster.token(&mail, "/verify-email")});
    cluster.post("/v1/email-verifications/confirm", body).await.expect(204);
    let (access, body) = (log_in(other).await, json!({"current_password": NEXT}));
    cluster.send_as(&access, Method::DELETE, "/v1/users/me", body).await.expect(204);
}

/// Every row of every table as text; the payloads of jobs unescaped as well.
async fn dump_postgres(db: &PgPool) -> Vec<u8> {
    let tables: Vec<(String, String)> = sqlx::query_as(
        "select table_schema::text, table_name::text from information_schema.tables
         where table_schema not in ('pg_catalog', 'information_schema')
               and table_type = 'BASE TABLE'",
    )
    .fetch_all(db)
    .await
    .unwrap();
    assert!(tables.len() >= 9, "{tables:?}");
    let mut dump = String::new();
    for (schema, table) in tables {
        let sql = format!(r#"select t::text from "{schema}"."{table}" t"#);
        let rows: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(db).await.unwrap();
        dump += &format!("{schema}.{table}\n{}\n", rows.join("\n"));
    }
    let jobs: Vec<String> = sqlx::query_scalar("select encode(job, 'escape') from apalis.jobs")
        .fetch_all(db)
        .await
        .unwrap();
    (dump + &jobs.join("\n")).into_bytes()
}

/// Every message of every stream, with subject and headers.
async fn dump_nats(cluster: &Cluster) -> Vec<u8> {
    let jetstream = jetstream::new(cluster.nats().await);
    let names: Vec<String> = jetstream.stream_names().try_collect().await.unwrap();
    assert_eq!(names.len(), 1, "{names:?}");
    let mut dump = Vec::new();
    for name in names {
        let stream = jetstream.get_stream(name).await.unwrap();
        let state = stream.cached_info().state.clone();
        for sequence in state.first_sequence..=state.last_sequence {
            let message = stream.get_raw_message(sequence).await.unwrap();
            dump.extend(format!("\n{} {:?}\n", message.subject, message.headers).into_bytes());
            dump.extend_from_slice(&message.payload);
        }
    }
    dump
}

/// Every key with its value, of any type.
async fn dump_redis(url: &str) -> Vec<u8> {
    let mut redis =
        redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<Vec<u8>> = redis::cmd("KEYS").arg("*").query_async(&mut redis).await.unwrap();
    let mut dump = Vec::new();
    for key in keys {
        // DUMP may compress: strings are read as strings as well.
        let value: redis::RedisResult<Vec<u8>> =
            redis::cmd("GET").arg(&key).query_async(&mut redis).await;
        let raw: Vec<u8> = redis::cmd("DUMP").arg(&key).query_async(&mut redis).await.unwrap();
        for part in [&key, &value.unwrap_or_default(), &raw] {
            dump.extend_from_slice(part);
            dump.push(b'\n');
        }
    }
    dump
}

fn assert_contains(place: &str, dump: &[u8], text: &str) {
    let is_there = dump.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(is_there, "{text:?} is not in the dump of {place}");
}
