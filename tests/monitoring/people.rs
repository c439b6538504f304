//! Clients that use the product and thus fill every metric.

use keyward_tests::{Account, Cluster, Endpoint, bounces::mailgun, pictures};
use reqwest::Method;
use serde_json::json;
use tokio::time::{Duration, sleep};

/// Settings with low limits.
pub(crate) const SETTINGS: [(&str, &str); 6] = [
    MAILGUN,
    ("RATE_LIMIT_ENABLED", "true"),
    ("LIMIT_LOGIN", "100000/60"),
    ("LIMIT_LINK_REQUEST", "4/60"),
    ("ARGON2_QUEUE", "1"),
    ("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8"),
];

/// The key with which bounces are signed.
pub(crate) const MAILGUN: (&str, &str) = ("MAILGUN_WEBHOOK_KEY", "key-0123456789abcdef");

/// Turns rate limits off.
pub(crate) const WITHOUT_LIMITS: (&str, &str) = ("RATE_LIMIT_ENABLED", "false");

/// An administrator, a user, and an endpoint for webhooks.
pub(crate) struct People<'a> {
    cluster: &'a Cluster,
    ada: Account,
    bob: Account,
    /// Access tokens of the administrator and the user.
    tokens: (String, String),
    hook: String,
    _endpoint: Endpoint,
}

impl<'a> People<'a> {
    pub(crate) async fn new(cluster: &'a Cluster) -> Self {
        let (ada, bob) = (cluster.account("ada").await, cluster.account("bob").await);
        cluster.promote(&ada).await;
        let tokens = (cluster.log_in(&ada).await.0, cluster.log_in(&bob).await.0);
        let endpoint = Endpoint::start().await;
        let body = json!({"url": endpoint.url(), "types": ["user.deleted"]});
        let created = cluster.send_as(&tokens.0, Method::POST, "/v1/webhooks", body).await;
        let created = created.expect(201).json();
        let hook = created["webhook"]["id"].as_str().unwrap().to_owned();
        Self { cluster, ada, bob, tokens, hook, _endpoint: endpoint }
    }

    /// Sends all kinds of requests repeatedly, and ignores the responses.
    pub(crate) async fn use_product(&self) {
        loop {
            self.all_requests().await;
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Reports that the emails to an address were rejected, by the webhook of Mailgun.
    pub(crate) async fn bounce(&self, address: &str) {
        for mail in self.cluster.mail.messages_to(address) {
            // Not the mailbox: emails to it go on.
            let event = json!({
                "event": "failed", "severity": "permanent", "delivery-status": {"code": 554},
                "message": {"headers": {"message-id": mail.message_id}},
            });
            let at = chrono::Utc::now().timestamp().to_string();
            let body = mailgun(MAILGUN.1, &at, &event);
            self.cluster.post("/v1/mail-reports/mailgun", body).await;
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
        cluster.try_log_in(&self.ada).await;
        cluster.try_log_in(&self.ada.with_password("not the right passphrase")).await;
        for name in ["Bob", "Robert"] {
            let body = json!({"display_name": name});
            cluster.send_as(user, Method::PATCH, "/v1/users/me", body).await;
        }
        cluster.post("/v1/password-resets", json!({"email": self.ada.email})).await;
        self.bounce(&self.bob.email).await;
        let ping = format!("/v1/webhooks/{}/ping", self.hook);
        cluster.send_as(admin, Method::POST, &ping, json!({})).await;
        let picture = pictures::jpeg(&pictures::photo(120, 80), 85);
        let upload = cluster.request(Method::PUT, "/v1/users/me/avatar").bearer_auth(admin);
        cluster.send(upload.header("content-type", "image/jpeg").body(picture)).await;
    }
}
