//! Clients that repeat the lifecycle of an account and record what was confirmed to them.

mod life;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use keyward_stack::MailSink;
use keyward_tests::token_in;
use reqwest::Method;
use serde_json::Value;
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::history::{Call, History, Person};

/// How long a client tries to connect or waits for an email.
const RETRY_TIMEOUT: Duration = Duration::from_secs(60);
/// Time-out of a request: longer than the time-outs of the API.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a client keeps an idle connection; no API closes a connection so early.
const IDLE_TIMEOUT: Duration = Duration::from_millis(500);
/// Delay between two polls.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Running clients.
pub(crate) struct Clients {
    stop: CancellationToken,
    tasks: JoinSet<History>,
    /// Number of documented responses.
    documented_responses: watch::Sender<usize>,
}

impl Clients {
    /// Starts `count` clients; each sends its requests to the APIs in turn.
    pub(crate) fn start(name: &str, count: usize, urls: &[String], mail: &Arc<MailSink>) -> Self {
        let (stop, documented_responses) = (CancellationToken::new(), watch::Sender::new(0));
        let mut tasks = JoinSet::new();
        for number in 0..count {
            let client = Client {
                name: format!("{name}{number}"),
                number,
                turn: number,
                urls: urls.to_vec(),
                mail: Arc::clone(mail),
                // Idle connections are dropped before an API may close them: a request on a
                // connection that is being closed cannot succeed (RFC 9112, section 9.5).
                http: reqwest::Client::builder()
                    .timeout(REQUEST_TIMEOUT)
                    .pool_idle_timeout(IDLE_TIMEOUT)
                    .build()
                    .unwrap(),
                stop: stop.clone(),
                documented_responses: documented_responses.clone(),
                history: History::default(),
            };
            tasks.spawn(client.run());
        }
        Self { stop, tasks, documented_responses }
    }

    /// Waits for this number of further documented responses. Returns whether they arrived within
    /// `bound`.
    pub(crate) async fn reach(&self, responses: usize, bound: Duration) -> bool {
        let enough = *self.documented_responses.borrow() + responses;
        let mut count = self.documented_responses.subscribe();
        tokio::time::timeout(bound, count.wait_for(|now| *now >= enough)).await.is_ok()
    }

    /// Lets them finish their current step, and returns their history.
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
    documented_responses: watch::Sender<usize>,
    history: History,
}

/// The result of a step; none if it is unknown. Then the lifecycle ends, and confirmed changes remain.
type Step<T> = Option<T>;

impl Client {
    async fn run(mut self) -> History {
        let mut life = 0;
        while !self.stop.is_cancelled() {
            self.lifecycle(life).await;
            life += 1;
            // Each lifecycle has an even number of requests: another API gets the logins of the next one.
            self.turn += 1;
        }
        self.history
    }

    /// Uses a link. After a lost response the client retries, and may find that the link was used.
    async fn until_done(
        &mut self,
        what: &'static str,
        method: Method,
        path: &str,
        body: Value,
    ) -> Step<()> {
        let mut first = true;
        loop {
            let documented: &[u16] = if first { &[204] } else { &[204, 400] };
            let reply = self.send(what, method.clone(), path, None, body.clone(), documented).await;
            match reply {
                Some((204 | 400, _)) => return Some(()),
                _ => first = false,
            }
            self.pause().await?;
        }
    }

    /// The token of the newest link to a page in the emails to an address.
    async fn mailed(&mut self, email: &str, page: &str) -> Step<String> {
        let asked_at = Instant::now();
        while asked_at.elapsed() < RETRY_TIMEOUT {
            let mails = self.mail.messages_to(email);
            let token =
                mails.iter().rev().find_map(|mail| token_in(&mail.text, &format!("{page}#")));
            if let Some(token) = token {
                self.history.secrets.push(token.clone());
                return Some(token);
            }
            self.pause().await?;
        }
        None
    }

    /// Waits for one interval, unless the clients are stopped.
    async fn pause(&self) -> Step<()> {
        self.stop.run_until_cancelled(tokio::time::sleep(POLL_INTERVAL)).await
    }

    fn me(&mut self) -> &mut Person {
        self.history.people.last_mut().unwrap()
    }

    /// Sends a request to the next API, or to another one if it accepts no connections. Returns status
    /// and body; none without a response.
    async fn send(
        &mut self,
        what: &'static str,
        method: Method,
        path: &str,
        access: Option<&str>,
        body: Value,
        documented: &'static [u16],
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
            let (status, has_retry_after, text) = match request.send().await {
                Ok(response) => {
                    let status = response.status().as_u16();
                    let retry = response.headers().contains_key("retry-after");
                    (Some(status), retry, response.text().await.unwrap_or_default())
                }
                // A load balancer would choose another API.
                Err(error) if error.is_connect() && began_at.elapsed() < RETRY_TIMEOUT => {
                    tokio::time::sleep(POLL_INTERVAL).await;
                    continue;
                }
                Err(error) => (None, false, format!("{error:?}")),
            };
            let took = asked_at.elapsed();
            if status.is_some_and(|status| documented.contains(&status)) {
                self.documented_responses.send_modify(|count| *count += 1);
            }
            let detail = text.chars().take(300).collect();
            self.history.calls.push(Call {
                what,
                status,
                documented,
                has_retry_after,
                took,
                detail,
            });
            return status.map(|status| (status, serde_json::from_str(&text).unwrap_or_default()));
        }
    }
}
