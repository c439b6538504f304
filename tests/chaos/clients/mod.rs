//! Clients that live the life of an account, over and over, and remember what they were promised.

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

/// For so long a client waits for somebody to take its connection, and for a mail.
const RETRY_TIMEOUT: Duration = Duration::from_secs(60);
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
    /// How many answers were what is promised.
    well: watch::Sender<usize>,
}

impl Clients {
    /// Starts so many of a name; each asks the APIs in turn.
    pub(crate) fn start(name: &str, count: usize, urls: &[String], mail: &Arc<MailSink>) -> Self {
        let (stop, well) = (CancellationToken::new(), watch::Sender::new(0));
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
                well: well.clone(),
                history: History::default(),
            };
            tasks.spawn(client.run());
        }
        Self { stop, tasks, well }
    }

    /// Waits until they have been answered well so many times more; not for longer than `patience`,
    /// and whether it was enough.
    pub(crate) async fn further(&self, answers: usize, patience: Duration) -> bool {
        let enough = *self.well.borrow() + answers;
        let mut well = self.well.subscribe();
        tokio::time::timeout(patience, well.wait_for(|now| *now >= enough)).await.is_ok()
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
    well: watch::Sender<usize>,
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
        while asked_at.elapsed() < RETRY_TIMEOUT {
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
                Err(error) if error.is_connect() && began_at.elapsed() < RETRY_TIMEOUT => {
                    tokio::time::sleep(PACE).await;
                    continue;
                }
                Err(error) => (None, false, format!("{error:?}")),
            };
            let took = asked_at.elapsed();
            if status.is_some_and(|status| promised.contains(&status)) {
                self.well.send_modify(|well| *well += 1);
            }
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
