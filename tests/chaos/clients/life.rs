//! The lifecycle of an account.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Client, Step};
use crate::history::Person;

impl Client {
    /// One lifecycle. Confirmed changes are recorded at once.
    pub(super) async fn lifecycle(&mut self, life: usize) -> Step<()> {
        let email = format!("{}-{life}@example.org", self.name);
        let password = format!("canary passphrase {} of {life}", self.number);
        self.history.secrets.push(password.clone());
        let body = json!({"email": email, "password": password, "display_name": "born"});
        let reply = self.ask("register", Method::POST, "/v1/users", None, body, &[202]).await?;
        if reply.0 != 202 {
            return None;
        }
        let person = Person { email: email.clone(), name: "born".into(), ..Person::default() };
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
            let reply = self.ask("log in", method, path, None, body.clone(), &[201]).await;
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
            self.ask("rename", Method::PATCH, "/v1/users/me", Some(access), body, &[200]).await;
        match reply {
            Some((200, _)) => {
                self.me().name = name.into();
                self.me().perhaps.clear();
            }
            _ => self.me().perhaps.push(name.into()),
        }
        // The other API must return it, too.
        let (method, path) = (Method::GET, "/v1/users/me");
        let reply = self.ask("me", method, path, Some(access), Value::Null, &[200]).await;
        if let Some((200, seen)) = reply {
            let (seen, me) = (seen["display_name"].as_str()?.to_owned(), self.me().clone());
            if seen != me.name && !me.perhaps.contains(&seen) {
                let email = me.email;
                self.history
                    .broken
                    .push(format!("{email} is named {:?} but {seen:?} was returned", me.name));
            }
        }
        Some(())
    }

    async fn log_out(&mut self, access: &str, session: Uuid) -> Step<()> {
        let path = "/v1/sessions/current";
        let none = Value::Null;
        let reply =
            self.ask("log out", Method::DELETE, path, Some(access), none.clone(), &[204]).await;
        if reply?.0 != 204 {
            return None;
        }
        self.me().ended.push(session);
        for _ in 0..2 * self.urls.len() {
            let path = "/v1/users/me";
            let what = "me after the end";
            let reply = self.ask(what, Method::GET, path, Some(access), none.clone(), &[401]).await;
            if reply.is_some_and(|(status, _)| status == 200) {
                let email = self.me().email.clone();
                self.history
                    .broken
                    .push(format!("{email} was accepted after the end of the session"));
            }
        }
        Some(())
    }

    async fn reset(&mut self, email: &str, old: &str, life: usize) -> Step<()> {
        let (access, session) = self.log_in(email, old).await?;
        let (path, body) = ("/v1/password-resets", json!({"email": email}));
        let asked = self.ask("ask for a reset", Method::POST, path, None, body, &[202]).await?;
        if asked.0 != 202 {
            return None;
        }
        let token = self.mailed(email, "/reset-password").await?;
        let password = format!("canary passphrase {} of {life} reset", self.number);
        self.history.secrets.push(password.clone());
        let body = json!({"token": token, "password": password});
        self.until_done("reset", Method::POST, "/v1/password-resets/confirm", body).await?;
        self.me().ended.push(session);
        let (method, path) = (Method::GET, "/v1/users/me");
        let what = "me after the reset";
        let reply = self.ask(what, method, path, Some(&access), Value::Null, &[401]).await;
        if reply.is_some_and(|(status, _)| status == 200) {
            self.history.broken.push(format!("{email} was accepted after the reset"));
        }
        let (access, session) = self.log_in(email, &password).await?;
        self.log_out(&access, session).await
    }
}
