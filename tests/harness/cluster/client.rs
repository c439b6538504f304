//! Requests to the cluster.

use std::sync::Arc;

use keyward_stack::mail_sink::Mail;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{Cluster, Program};
use crate::{Account, Reply, Tokens, mail, token_in, until};

impl Cluster {
    /// A request to the API.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// Sends a request and reads the whole response.
    pub async fn send(&self, request: RequestBuilder) -> Reply {
        Reply::to(request).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    /// Sends a request with an access token and a JSON body.
    pub async fn send_as(&self, token: &str, method: Method, path: &str, body: Value) -> Reply {
        self.send(self.request(method, path).bearer_auth(token).json(&body)).await
    }

    pub async fn me(&self, token: &str) -> Reply {
        self.me_at(&self.url, token).await
    }

    /// Requests the current user from another API.
    pub async fn me_at(&self, url: &str, token: &str) -> Reply {
        self.send(self.client.get(format!("{url}/v1/users/me")).bearer_auth(token)).await
    }

    pub async fn log_out(&self, token: &str) -> Reply {
        let request = self.request(Method::DELETE, "/v1/sessions/current").bearer_auth(token);
        self.send(request).await
    }

    /// Registers an account. Its address stays unverified.
    pub async fn register(&self, name: &str) -> Account {
        let account = Account::of(name);
        self.post("/v1/users", account.registration(name)).await.expect(202);
        account
    }

    /// Registers an account and verifies its address.
    pub async fn account(&self, name: &str) -> Account {
        let account = self.register(name).await;
        let mail = self.nth_mail(&account.email, "Confirm", 1).await;
        let body = json!({"token": self.token(&mail, "/verify-email")});
        self.post("/v1/email-verifications/confirm", body).await.expect(204);
        account
    }

    pub async fn try_log_in(&self, account: &Account) -> Reply {
        self.post("/v1/sessions", account.credentials()).await
    }

    /// Logs in. Returns the access and refresh tokens.
    pub async fn log_in(&self, account: &Account) -> (String, String) {
        let tokens = Tokens::of(&self.try_log_in(account).await.expect(201));
        (tokens.access, tokens.refresh)
    }

    /// Makes an account an administrator, in Postgres only: call it before the account is cached.
    pub async fn promote(&self, account: &Account) {
        sqlx::query("update users set role = 'admin', version = version + 1 where email = $1")
            .bind(&account.email)
            .execute(&self.db)
            .await
            .unwrap();
    }

    /// Waits until a job has failed, and makes its retry due now.
    pub async fn retry_failed_job(&self) {
        until("a job has failed", async || {
            let retry = "update apalis.jobs set run_at = now() where status = 'Failed'";
            let jobs = sqlx::query(retry).execute(&self.db).await.unwrap().rows_affected();
            (jobs == 1).then_some(())
        })
        .await;
    }

    /// The metrics of a process, as a viewer gets them.
    pub async fn metrics(&self, program: &Program) -> String {
        let request = self.client.get(format!("{}/metrics", program.ops));
        let request = request.basic_auth("viewer", Some(self.setting("OPS_VIEWERS")));
        self.send(request).await.expect(200).text
    }

    /// Waits for the `nth` email (from 1) to an address with this in its subject.
    pub async fn nth_mail(&self, to: &str, subject: &str, nth: usize) -> Arc<Mail> {
        mail::nth(&self.mail, to, subject, nth).await
    }

    /// The token of a link in an email.
    pub fn token(&self, mail: &Mail, page: &str) -> String {
        token_in(&mail.text, &format!("{}{page}#", self.url)).unwrap()
    }
}
