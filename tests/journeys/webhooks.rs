use keyward_tests::{Authority, Cluster, Endpoint, until};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_trust_only_the_configured_ca() {
    let authority = Authority::default();
    let cluster = Cluster::with(&[
        ("SSL_CERT_FILE", authority.file().to_str().unwrap()),
        ("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8"),
    ])
    .await;
    let _api = cluster.start_api().await;
    let _worker = cluster.start_worker().await;
    let root = cluster.account("root").await;
    cluster.promote(&root).await;
    let (access, _) = cluster.log_in(&root).await;
    let as_root = async |method: Method, path: &str, body: Value| {
        cluster.send_as(&access, method, path, body).await
    };
    let named = Endpoint::with_tls(authority.acceptor_for("localhost")).await;
    let other = Endpoint::with_tls(authority.acceptor_for("example.org")).await;
    let stranger = Endpoint::with_tls(Authority::default().acceptor_for("localhost")).await;

    let mut latest = Vec::new();
    for endpoint in [&named, &other, &stranger] {
        let url = format!("https://localhost:{}/", endpoint.address.port());
        let body = json!({"url": url, "types": ["user.deleted"]});
        let webhook = as_root(Method::POST, "/v1/webhooks", body).await.expect(201).json();
        let path = format!("/v1/webhooks/{}", webhook["webhook"]["id"].as_str().unwrap());
        as_root(Method::POST, &format!("{path}/ping"), json!({})).await.expect(202);
        let deliveries = format!("{path}/deliveries");
        let tried = until("the ping was tried", async || {
            let request = cluster.request(Method::GET, &deliveries).bearer_auth(&access);
            let list = cluster.send(request).await.expect(200).json();
            let latest = list["items"].get(0)?.clone();
            (latest["state"] == "delivered" || latest["last_error"].is_string()).then_some(latest)
        });
        latest.push(tried.await);
    }

    // TLS verifies the name, and the connection goes to the address that was checked.
    assert_eq!(named.nth(1).await.kind(), "webhook.ping");
    assert_eq!(latest[0]["state"], "delivered", "{latest:?}");
    for refused in &latest[1..] {
        let reason = refused["last_error"].as_str().unwrap();
        assert!(reason.contains("certificate"), "the administrator sees why: {reason}");
    }
    assert_eq!((other.got().len(), stranger.got().len()), (0, 0));
    cluster.clear().await;
}
