//! Clients that live the life of an account, over and over, and remember what they were promised.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use keyward_stack::MailSink;
use keyward_tests::token_in;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::history::{Call, History, Person};

/// For so long a client waits for somebody to take its connection, and for a mail.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest time an answer may take: the API's own patience and a little.
const ANSWER: Duration = Duration::from_secs(20);
/// For how long a client keeps a connection that it does not use; an API closes none that young.
const KEPT: Duration = Duration::from_millis(500);
/// What a client does between two looks.
const PACE: Duration = Duration::from_millis(50);

/// Some clients at work.
pub(crate) struct Clients {
    stop: CancellationToken,
    tasks: JoinSet<History>,
}

impl Clients {
    /// Starts so many of a name; each asks the APIs in turn.
    pub(crate) fn start(name: &str, count: usize, urls: &[String], mail: &Arc<MailSink>) -> Self {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        for number in 0..count {
            let client = Client {
                name: format!("{name}{number}"),
                number,
                turn: number,
                urls: urls.to_vec(),
                mail: Arc::clone(mail),
                // Connections are kept, and not used any more before an API may close them: who is
                // closed in the moment that he asks cannot be helped (RFC 9112, section 9.5).
                http: reqwest::Client::builder()
                    .timeout(ANSWER)
                    .pool_idle_timeout(KEPT)
                    .build()
                    .unwrap(),
                stop: stop.clone(),
                history: History::default(),
            };
            tasks.spawn(client.run());
        }
        Self { stop, tasks }
    }

    /// Lets them end what they are at, and returns what happened to them.
    pub(crate) async fn stop(self) -> History {
        self.stop.cancel();
        let mut all = History::default();
        self.tasks.join_all().await.into_iter().for_each(|history| all.add(history));
        all
    }
}

struct Client {
    name: String,
    number: usize,
    turn: usize,
    urls: Vec<String>,
    mail: Arc<MailSink>,
    http: reqwest::Client,
    stop: CancellationToken,
    history: History,
}

/// What a step is without an answer that settles it: the life ends there, the promises stay.
type Step<T> = Option<T>;

impl Client {
    async fn run(mut self) -> History {
        let mut life = 0;
        while !self.stop.is_cancelled() {
            self.live(life).await;
            life += 1;
        }
        self.history
    }

    /// One life. What is confirmed on the way is written down at once.
    async fn live(&mut self, life: usize) -> Step<()> {
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

    async fn log_in(&mut self, email: &str, password: &str) -> Step<(String, uuid::Uuid)> {
        let body = json!({"email": email, "password": password});
        loop {
            let (method, path) = (Method::POST, "/v1/sessions");
            let reply = self.ask("log in", method, path, None, body.clone(), &[201]).await;
            if let Some((201, body)) = reply {
                let access = body["access_token"].as_str()?.to_owned();
                return Some((access, body["session_id"].as_str()?.parse().ok()?));
            }
            self.breathe().await?;
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
        // The other API must know.
        let (method, path) = (Method::GET, "/v1/users/me");
        let reply = self.ask("me", method, path, Some(access), Value::Null, &[200]).await;
        if let Some((200, seen)) = reply {
            let (seen, me) = (seen["display_name"].as_str()?.to_owned(), self.me().clone());
            if seen != me.name && !me.perhaps.contains(&seen) {
                let email = me.email;
                self.history
                    .broken
                    .push(format!("{email} is {:?} and was shown {seen:?}", me.name));
            }
        }
        Some(())
    }

    async fn log_out(&mut self, access: &str, session: uuid::Uuid) -> Step<()> {
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
                    .push(format!("{email} was let in after the end of the session"));
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
        let password = format!("canary passphrase {} of {life} anew", self.number);
        self.history.secrets.push(password.clone());
        let body = json!({"token": token, "password": password});
        self.until_done("reset", Method::POST, "/v1/password-resets/confirm", body).await?;
        self.me().ended.push(session);
        let (method, path) = (Method::GET, "/v1/users/me");
        let what = "me after the reset";
        let reply = self.ask(what, method, path, Some(&access), Value::Null, &[401]).await;
        if reply.is_some_and(|(status, _)| status == 200) {
            self.history.broken.push(format!("{email} was let in after the reset"));
        }
        let (access, session) = self.log_in(email, &password).await?;
        self.log_out(&access, session).await
    }

    /// Uses a link until it is used: whoever got no answer asks again, and may find it used.
    async fn until_done(
        &mut self,
        what: &'static str,
        method: Method,
        path: &str,
        body: Value,
    ) -> Step<()> {
        let mut first = true;
        loop {
            let promised: &[u16] = if first { &[204] } else { &[204, 400] };
            let reply = self.ask(what, method.clone(), path, None, body.clone(), promised).await;
            match reply {
                Some((204 | 400, _)) => return Some(()),
                _ => first = false,
            }
            self.breathe().await?;
        }
    }

    /// The token of the newest link to a page in a mail to an address.
    async fn mailed(&mut self, email: &str, page: &str) -> Step<String> {
        let asked_at = Instant::now();
        while asked_at.elapsed() < PATIENCE {
            let mails = self.mail.messages_to(email);
            let token =
                mails.iter().rev().find_map(|mail| token_in(&mail.text, &format!("{page}#")));
            if let Some(token) = token {
                self.history.secrets.push(token.clone());
                return Some(token);
            }
            self.breathe().await?;
        }
        None
    }

    /// A moment, unless it is time to stop.
    async fn breathe(&self) -> Step<()> {
        self.stop.run_until_cancelled(tokio::time::sleep(PACE)).await
    }

    fn me(&mut self) -> &mut Person {
        self.history.people.last_mut().unwrap()
    }

    /// Asks the next API; another one, if it takes no connections. Status and body; nothing, if
    /// nobody answered.
    async fn ask(
        &mut self,
        what: &'static str,
        method: Method,
        path: &str,
        access: Option<&str>,
        body: Value,
        promised: &'static [u16],
    ) -> Step<(u16, Value)> {
        let began_at = Instant::now();
        loop {
            self.turn += 1;
            let url = format!("{}{path}", self.urls[self.turn % self.urls.len()]);
            let mut request = self.http.request(method.clone(), url);
            if let Some(access) = access {
                request = request.bearer_auth(access);
            }
            if !body.is_null() {
                request = request.json(&body);
            }
            let asked_at = Instant::now();
            let (status, says_when_to_retry, answer) = match request.send().await {
                Ok(response) => {
                    let status = response.status().as_u16();
                    let retry = response.headers().contains_key("retry-after");
                    (Some(status), retry, response.text().await.unwrap_or_default())
                }
                // A balancer takes the next one.
                Err(error) if error.is_connect() && began_at.elapsed() < PATIENCE => {
                    tokio::time::sleep(PACE).await;
                    continue;
                }
                Err(error) => (None, false, format!("{error:?}")),
            };
            let took = asked_at.elapsed();
            let detail = answer.chars().take(300).collect();
            self.history.calls.push(Call {
                what,
                status,
                promised,
                says_when_to_retry,
                took,
                detail,
            });
            return status
                .map(|status| (status, serde_json::from_str(&answer).unwrap_or_default()));
        }
    }
}
