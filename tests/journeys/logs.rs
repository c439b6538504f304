use std::collections::BTreeMap;

use keyward_stack::mail_sink::Behaviour;
use keyward_tests::{Cluster, Program};
use reqwest::Method;
use serde_json::{Map, Value, json};

/// Network of the client.
const CLIENT: &str = "203.0.113.77";

type Line = Map<String, Value>;

/// Every line of a log.
fn lines(program: &Program) -> Vec<Line> {
    let log = program.log();
    let parse = |line| match serde_json::from_str(line) {
        Ok(Value::Object(line)) => line,
        other => panic!("not an object: {line}: {other:?}"),
    };
    log.lines().map(parse).collect()
}

/// A field of the event, or else of the spans around it.
fn field<'a>(line: &'a Line, name: &str) -> Option<&'a Value> {
    line.get(name).or_else(|| line.get("span")?.get(name))
}

fn text<'a>(line: &'a Line, name: &str) -> &'a str {
    field(line, name).and_then(Value::as_str).unwrap_or_else(|| panic!("no {name} in {line:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_and_job_attempt_is_one_json_line() {
    let cluster = Cluster::with(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let (api, worker) = (cluster.start_api().await, cluster.start_worker().await);
    cluster.mail.behave(Behaviour::reply("451 4.3.0 canary@example.org: later").times(1));
    let email = "canary@example.org";
    let ask = async |id: &str, method, path: &str, body: Value, token: &str| {
        let request = cluster.request(method, path).header("x-request-id", id).bearer_auth(token);
        let request = request.header("user-agent", "canary-agent");
        cluster.send(request.header("x-forwarded-for", CLIENT).json(&body)).await
    };
    let credentials = json!({"email": email, "password": "canary passphrase"});
    let mut new = credentials.clone();
    new["display_name"] = "Canary".into();
    ask("r-new", Method::POST, "/v1/users", new, "").await.expect(202);
    cluster.retry_failed_job().await;
    let mail = cluster.nth_mail(email, "Confirm", 1).await;
    let token = cluster.token(&mail, "/verify-email");
    ask("r-ok", Method::POST, "/v1/email-verifications/confirm", json!({"token": token}), "").await;
    let login = ask("r-in", Method::POST, "/v1/sessions", credentials, "").await.expect(201).json();
    let access = login["access_token"].as_str().unwrap();
    ask("r-me", Method::GET, "/v1/users/me", json!({}), access).await.expect(200);
    ask("r-no", Method::GET, "/canary/0123?canary=1", json!({}), access).await.expect(404);
    cluster.settle().await;
    api.stop().await;
    worker.stop().await;

    let mut requests = BTreeMap::<String, Vec<Line>>::new();
    for line in lines(&api).into_iter().filter(|line| text(line, "message") == "request answered") {
        requests.entry(text(&line, "request.id").to_owned()).or_default().push(line);
    }
    for (id, method, route, status) in [
        ("r-new", "POST", "/v1/users", 202),
        ("r-ok", "POST", "/v1/email-verifications/confirm", 204),
        ("r-in", "POST", "/v1/sessions", 201),
        ("r-me", "GET", "/v1/users/me", 200),
        ("r-no", "GET", "-", 404),
    ] {
        let [line] = requests[id].as_slice() else { panic!("{id}: {:?}", requests[id]) };
        assert_eq!((text(line, "method"), text(line, "route")), (method, route));
        assert_eq!(line["status"], status);
        assert!(line["duration_ms"].as_f64().is_some_and(|ms| ms > 0.0), "{line:?}");
        assert_eq!(text(line, "trace.id").len(), 32);
        assert_eq!(text(line, "level"), "INFO");
        assert!(text(line, "timestamp").ends_with('Z'), "{line:?}");
    }
    let me = only_user(&cluster).await;
    assert_eq!(text(&requests["r-me"][0], "user.id"), me);
    assert_eq!(field(&requests["r-in"][0], "user.id"), None, "no user was known before");

    let attempts: Vec<Line> =
        lines(&worker).into_iter().filter(|line| field(line, "outcome").is_some()).collect();
    let mails: Vec<_> = attempts
        .iter()
        .filter(|line| field(line, "job.kind").is_some_and(|kind| kind == "verification-email"))
        .filter(|line| field(line, "duration_ms").is_some())
        .map(|line| {
            assert_eq!(text(line, "request.id"), "r-new");
            assert_eq!(text(line, "trace.id"), text(&requests["r-new"][0], "trace.id"));
            (field(line, "job.attempt").unwrap().as_i64().unwrap(), text(line, "outcome"))
        })
        .collect();
    assert_eq!(mails, [(1, "failed"), (2, "completed")], "{attempts:#?}");
    for program in [&api, &worker] {
        let log = program.log().to_lowercase();
        for word in ["canary", "example.org", "passphrase", CLIENT, &token.to_lowercase()] {
            let found = log.lines().find(|line| line.contains(word));
            assert_eq!(found, None, "{word} is in the log");
        }
    }
    cluster.clear().await;
}

async fn only_user(cluster: &Cluster) -> String {
    sqlx::query_scalar("select user_id::text from users").fetch_one(&cluster.db).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn uneventful_run_logs_no_warning() {
    let cluster = Cluster::durable(&[]).await;
    for nth in 0..3 {
        let (api, worker) = (cluster.start_api().await, cluster.start_worker().await);
        let account = cluster.account(&format!("user-{nth}")).await;
        cluster.log_in(&account).await;
        cluster.settle().await;
        tokio::join!(api.stop(), worker.stop());

        for program in [&api, &worker] {
            let is_calm = |line: &Line| ["INFO", "DEBUG"].contains(&text(line, "level"));
            let warning = lines(program).into_iter().find(|line| !is_calm(line));
            assert_eq!(warning, None);
        }
    }
    cluster.clear().await;
}
