//! Clients that use the product, so that every metric has data.

use keyward_tests::{Account, Cluster, Endpoint, pictures};
use reqwest::Method;
use serde_json::json;
use tokio::time::{Duration, sleep};

/// Settings with low limits.
pub(crate) const SETTINGS: [(&str, &str); 5] = [
    ("RATE_LIMIT_ENABLED", "true"),
    ("LIMIT_LOGIN", "100000/60"),
    ("LIMIT_LINK_REQUEST", "4/60"),
    ("ARGON2_QUEUE", "1"),
    ("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8"),
];

/// Turns rate limits off.
pub(crate) const WITHOUT_LIMITS: (&str, &str) = ("RATE_LIMIT_ENABLED", "false");

/// An administrator, a user, and an endpoint for webhooks.
pub(crate) struct People<'a> {
    cluster: &'a Cluster,
    ada: Account,
    /// Access tokens of the administrator and the user.
    tokens: (String, String),
    hook: String,
    _endpoint: Endpoint,
}

impl<'a> People<'a> {
    pub(crate) async fn new(cluster: &'a Cluster) -> Self {
        let (ada, bob) = (cluster.account("ada").await, cluster.account("bob").await);
        let statement = "update users set role = 'admin', version = version + 1
                         where email like 'ada@%'";
        sqlx::query(statement).execute(&cluster.db).await.unwrap();
        let tokens = (cluster.log_in(&ada).await.0, cluster.log_in(&bob).await.0);
        let endpoint = Endpoint::start().await;
        let request = cluster.request(Method::POST, "/v1/webhooks").bearer_auth(&tokens.0);
        let body = json!({"url": endpoint.url(), "types": ["user.deleted"]});
        let created = cluster.send(request.json(&body)).await.expect(201).json();
        let hook = created["webhook"]["id"].as_str().unwrap().to_owned();
        Self { cluster, ada, tokens, hook, _endpoint: endpoint }
    }

    /// Sends all kinds of requests repeatedly, whatever the answers are.
    pub(crate) async fn use_product(&self) {
        loop {
            self.all_requests().await;
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Sends more logins at a time than the queue holds, repeatedly.
    pub(crate) async fn burst_of_logins(&self) {
        loop {
            let logins = (0..8).map(|_| self.cluster.try_log_in(&self.ada));
            futures_util::future::join_all(logins).await;
        }
    }

    /// Sends a request of each kind.
    async fn all_requests(&self) {
        let cluster = self.cluster;
        let (admin, user) = (&self.tokens.0, &self.tokens.1);
        for token in [admin, user, "invalid"] {
            cluster.me(token).await;
        }
        cluster.get("/no/such/page").await;
        let mut wrong = self.ada.clone();
        wrong.password = "not the right passphrase".into();
        cluster.try_log_in(&self.ada).await;
        cluster.try_log_in(&wrong).await;
        let rename = cluster.request(Method::PATCH, "/v1/users/me").bearer_auth(user);
        cluster.send(rename.json(&json!({"display_name": "Bob"}))).await;
        let rename = cluster.request(Method::PATCH, "/v1/users/me").bearer_auth(user);
        cluster.send(rename.json(&json!({"display_name": "Robert"}))).await;
        cluster.post("/v1/password-resets", json!({"email": self.ada.email})).await;
        let ping = format!("/v1/webhooks/{}/ping", self.hook);
        cluster
            .send(cluster.request(Method::POST, &ping).bearer_auth(admin).json(&json!({})))
            .await;
        let picture = pictures::jpeg(&pictures::photo(120, 80), 85);
        let upload = cluster.request(Method::PUT, "/v1/users/me/avatar").bearer_auth(admin);
        cluster.send(upload.header("content-type", "image/jpeg").body(picture)).await;
    }
}
