use reqwest::Method;
use serde_json::json;

use keyward_tests::Cluster;

const NEW: &str = "a much better passphrase";

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_registered_and_its_password_reset() {
    let (cluster, _api, worker) = Cluster::running().await;

    let mut ada = cluster.register("ada").await;
    cluster.try_log_in(&ada).await.expect_problem(403, "email_unverified");
    let mail = cluster.nth_mail(&ada.email, "Confirm", 1).await;
    let body = json!({"token": cluster.token(&mail, "/verify-email")});
    cluster.post("/v1/email-verifications/confirm", body).await.expect(204);
    let (access, refresh) = cluster.log_in(&ada).await;
    assert_eq!(cluster.me(&access).await.expect(200).json()["email_verified"], true);

    let forgot = cluster
        .request(Method::POST, "/v1/password-resets")
        .header("x-request-id", "forgot-1")
        .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        .json(&json!({"email": ada.email}));
    cluster.send(forgot).await.expect(202);
    let mail = cluster.nth_mail(&ada.email, "Reset", 1).await;
    cluster.get("/reset-password").await.expect(200);
    let token = cluster.token(&mail, "/reset-password");
    let confirm = |password: &str| json!({"token": token, "password": password});
    cluster.post("/v1/password-resets/confirm", confirm("short")).await.expect(422);
    cluster.post("/v1/password-resets/confirm", confirm(NEW)).await.expect(204);

    cluster.me(&access).await.expect_problem(401, "session_ended");
    let body = json!({"refresh_token": refresh});
    cluster.post("/v1/sessions/refresh", body).await.expect_problem(401, "session_ended");
    cluster.try_log_in(&ada).await.expect_problem(401, "bad_credentials");
    ada.password = NEW.into();
    let (access, _) = cluster.log_in(&ada).await;
    cluster.me(&access).await.expect(200);
    cluster
        .post("/v1/password-resets/confirm", confirm(NEW))
        .await
        .expect_problem(400, "link_invalid");
    cluster.nth_mail(&ada.email, "password was changed", 1).await;
    cluster.settle().await;

    let log = worker.log();
    let line = log.lines().find(|line| line.contains("job password-reset-email completed"));
    let line = line.expect("the job's line in the worker's log");
    assert!(line.contains("forgot-1"), "the request's id: {line}");
    assert!(line.contains("0af7651916cd43dd8448eb211c80319c"), "the request's trace: {line}");
    cluster.clear().await;
}
