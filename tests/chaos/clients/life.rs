//! The lifecycle of an account.

use std::time::Instant;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Client, RETRY_TIMEOUT, Step};
use crate::history::{Person, Stale};

impl Client {
    /// One lifecycle. Confirmed changes are recorded at once.
    pub(super) async fn lifecycle(&mut self, life: usize) -> Step<()> {
        let email = format!("{}-{life}@example.org", self.name);
        let password = format!("canary passphrase {} of {life}", self.number);
        self.history.secrets.push(password.clone());
        let body = json!({"email": email, "password": password, "display_name": "initial name"});
        let reply = self.send("register", Method::POST, "/v1/users", None, body, &[202]).await?;
        if reply.0 != 202 {
            return None;
        }
        let person =
            Person { email: email.clone(), name: "initial name".into(), ..Person::default() };
        self.history.people.push(person);

        let token = self.mailed(&email, "/verify-email").await?;
        let body = json!({"token": token});
        self.until_done("confirm", Method::POST, "/v1/email-verifications/confirm", body).await?;
        self.me().is_verified = true;
        let (access, session) = self.log_in(&email, &password).await?;
        for n in 0..3 {
            self.rename(&access, &format!("name {n}")).await?;
        }
        self.log_out(&access, session).await?;
        if (life + self.number).is_multiple_of(2) {
            self.reset(&email, &password, life).await?;
        }
        Some(())
    }

    async fn log_in(&mut self, email: &str, password: &str) -> Step<(String, Uuid)> {
        let body = json!({"email": email, "password": password});
        loop {
            let (method, path) = (Method::POST, "/v1/sessions");
            let reply = self.send("log in", method, path, None, body.clone(), &[201]).await;
            if let Some((201, body)) = reply {
                let access = body["access_token"].as_str()?.to_owned();
                return Some((access, body["session_id"].as_str()?.parse().ok()?));
            }
            self.pause().await?;
        }
    }

    async fn rename(&mut self, access: &str, name: &str) -> Step<()> {
        let body = json!({"display_name": name});
        let reply =
            self.send("rename", Method::PATCH, "/v1/users/me", Some(access), body, &[200]).await;
        match reply {
            Some((200, _)) => {
                self.me().name = name.into();
                self.me().unconfirmed_names.clear();
            }
            _ => self.me().unconfirmed_names.push(name.into()),
        }
        // The other API must return the new name.
        let me = self.me().clone();
        let is_old = |status, body: &Value| {
            let shown = body["display_name"].as_str().unwrap_or_default();
            status == 200
                && shown != me.name
                && !me.unconfirmed_names.iter().any(|name| name == shown)
        };
        self.expect_new_state("me", access, &[200], 1, is_old).await;
        Some(())
    }

    async fn log_out(&mut self, access: &str, session: Uuid) -> Step<()> {
        let path = "/v1/sessions/current";
        let none = Value::Null;
        let reply =
            self.send("log out", Method::DELETE, path, Some(access), none.clone(), &[204]).await;
        if reply?.0 != 204 {
            return None;
        }
        self.me().ended.push(session);
        let reads = 2 * self.urls.len();
        self.expect_refusal("me after the logout", access, reads).await;
        Some(())
    }

    /// Uses the token of a session that has ended.
    async fn expect_refusal(&mut self, what: &'static str, access: &str, reads: usize) {
        // I6 decides whether 200 is tolerated.
        self.expect_new_state(what, access, &[200, 401], reads, |status, _| status == 200).await;
    }

    /// Reads the account until `reads` consecutive responses show the state that was just confirmed.
    /// Records for how long the old state was returned.
    async fn expect_new_state(
        &mut self,
        what: &'static str,
        access: &str,
        documented: &'static [u16],
        reads: usize,
        is_old: impl Fn(u16, &Value) -> bool,
    ) {
        let (confirmed_at, mut lasted, mut new) = (Instant::now(), None, 0);
        while new < reads && confirmed_at.elapsed() < RETRY_TIMEOUT {
            let path = "/v1/users/me";
            let reply =
                self.send(what, Method::GET, path, Some(access), Value::Null, documented).await;
            if reply.is_some_and(|(status, body)| is_old(status, &body)) {
                (lasted, new) = (Some(confirmed_at.elapsed()), 0);
                if self.pause().await.is_none() {
                    break;
                }
            } else {
                new += 1;
            }
        }
        if let Some(lasted) = lasted {
            let what = format!("{} got stale state ({what})", self.me().email);
            self.history.stale.push(Stale { what, lasted });
        }
    }

    async fn reset(&mut self, email: &str, old: &str, life: usize) -> Step<()> {
        let (access, session) = self.log_in(email, old).await?;
        let (path, body) = ("/v1/password-resets", json!({"email": email}));
        let asked = self.send("request a reset", Method::POST, path, None, body, &[202]).await?;
        if asked.0 != 202 {
            return None;
        }
        let token = self.mailed(email, "/reset-password").await?;
        let password = format!("canary passphrase {} of {life} reset", self.number);
        self.history.secrets.push(password.clone());
        let body = json!({"token": token, "password": password});
        self.until_done("reset", Method::POST, "/v1/password-resets/confirm", body).await?;
        self.me().ended.push(session);
        self.expect_refusal("me after the reset", &access, 1).await;
        let (access, session) = self.log_in(email, &password).await?;
        self.log_out(&access, session).await
    }
}
