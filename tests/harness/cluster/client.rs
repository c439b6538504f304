//! Requests to the cluster.

use std::sync::Arc;

use keyward_stack::mail_sink::Mail;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::Cluster;
use crate::{Account, Reply, token_in, until};

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

    pub async fn me(&self, token: &str) -> Reply {
        self.me_at(&self.url, token).await
    }

    /// Requests the current user from a certain API.
    pub async fn me_at(&self, url: &str, token: &str) -> Reply {
        self.send(self.client.get(format!("{url}/v1/users/me")).bearer_auth(token)).await
    }

    pub async fn log_out(&self, token: &str) -> Reply {
        let request = self.request(Method::DELETE, "/v1/sessions/current").bearer_auth(token);
        self.send(request).await
    }

    /// Registers an account; its address is unverified.
    pub async fn register(&self, name: &str) -> Account {
        let account = Account {
            email: format!("{name}@example.org"),
            password: format!("canary passphrase of {}", name.len()),
        };
        let body =
            json!({"email": account.email, "password": account.password, "display_name": name});
        self.post("/v1/users", body).await.expect(202);
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
        let body = json!({"email": account.email, "password": account.password});
        self.post("/v1/sessions", body).await
    }

    /// Logs in; returns access and refresh token.
    pub async fn log_in(&self, account: &Account) -> (String, String) {
        let body = self.try_log_in(account).await.expect(201).json();
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        (text("access_token"), text("refresh_token"))
    }

    /// Waits for the `nth` email (from 1) to an address with this in its subject.
    pub async fn nth_mail(&self, to: &str, subject: &str, nth: usize) -> Arc<Mail> {
        let what = format!("mail {nth} to {to} with {subject:?} in its subject");
        until(&what, async || {
            let mut mails = self.mail.messages_to(to);
            mails.retain(|mail| mail.subject.contains(subject));
            mails.into_iter().nth(nth - 1)
        })
        .await
    }

    /// The token of a link in an email.
    pub fn token(&self, mail: &Mail, page: &str) -> String {
        token_in(&mail.text, &format!("{}{page}#", self.url)).unwrap()
    }
}
