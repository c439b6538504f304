//! Clients that generate load, and the responses that they get.

use std::{
    collections::BTreeMap,
    thread::available_parallelism,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Params, Version};
use futures_util::future::join_all;
use keyward_tests::Account;
use tokio::time::{sleep, timeout};

use crate::api::Api;

/// What the clients request.
#[derive(Debug, Clone)]
pub(crate) enum Who {
    /// Logins, one of these accounts after the other.
    LogIn(Vec<Account>),
    /// The current user of a token.
    Me(String),
}

/// Status and duration of every response.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    answers: Vec<(u16, Duration)>,
    lasted: Duration,
}

/// Number of cores.
pub(crate) fn cores() -> usize {
    available_parallelism().unwrap().get()
}

/// Hashes per second of argon2id alone, with the API's default parameters.
pub(crate) async fn raw_hashes(lasts: Duration) -> f64 {
    let began_at = Instant::now();
    let mut threads = tokio::task::JoinSet::new();
    for _ in 0..cores() {
        threads.spawn_blocking(move || {
            let params = Params::new(19_456, 2, 1, None).unwrap();
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            let mut hashes = 0_u32;
            while began_at.elapsed() < lasts {
                let password = b"the passphrase of number 8";
                argon2.hash_password_into(password, b"a salt of 16 byte", &mut [0; 32]).unwrap();
                hashes += 1;
            }
            hashes
        });
    }
    let hashes: u32 = threads.join_all().await.into_iter().sum();
    f64::from(hashes) / began_at.elapsed().as_secs_f64()
}

/// Runs `count` clients that send the next request as soon as they have the previous response.
pub(crate) async fn run(api: &Api, who: &Who, clients: usize, lasts: Duration) -> Sample {
    ask(api, who, clients, lasts, Duration::ZERO).await
}

/// Runs `count` clients at some hundred requests per second: they measure without adding load.
pub(crate) async fn paced(api: &Api, who: &Who, clients: usize, lasts: Duration) -> Sample {
    ask(api, who, clients, lasts, Duration::from_millis(10)).await
}

async fn ask(api: &Api, who: &Who, clients: usize, lasts: Duration, pause: Duration) -> Sample {
    let began_at = Instant::now();
    let client = async |nth: usize| {
        let mut answers = Vec::new();
        while began_at.elapsed() < lasts {
            let asked_at = Instant::now();
            let request = match who {
                Who::LogIn(people) => api.log_in_request(&people[nth % people.len()]),
                Who::Me(token) => {
                    api.client.get(format!("{}/v1/users/me", api.url)).bearer_auth(token)
                }
            };
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            response.bytes().await.unwrap();
            answers.push((status, asked_at.elapsed()));
            sleep(pause).await;
        }
        answers
    };
    let answers = join_all((0..clients).map(client)).await.concat();
    Sample { answers, lasted: began_at.elapsed() }
}

/// Clients that log in and disconnect before the response.
pub(crate) async fn hang_up(api: &Api, account: &Account, clients: usize, lasts: Duration) {
    let began_at = Instant::now();
    let client = async |_| {
        while began_at.elapsed() < lasts {
            let request = api.log_in_request(account).send();
            let _ = timeout(Duration::from_millis(100), request).await;
        }
    };
    join_all((0..clients).map(client)).await;
}

impl Sample {
    /// All samples of a kind in one.
    pub(crate) fn all(samples: Vec<Self>) -> Self {
        let mut all = Self::default();
        for sample in samples {
            all.answers.extend(sample.answers);
            all.lasted += sample.lasted;
        }
        all.answers.sort_by_key(|(_, time)| *time);
        all
    }

    /// Number of responses.
    pub(crate) fn count(&self) -> usize {
        self.answers.len()
    }

    /// Responses with a status, per second.
    pub(crate) fn per_s(&self, status: u16) -> f64 {
        let count = self.answers.iter().filter(|(s, _)| *s == status).count();
        f64::from(u32::try_from(count).unwrap()) / self.lasted.as_secs_f64()
    }

    /// Percentiles of the times.
    pub(crate) fn times(&self) -> String {
        let at = |percent: usize| {
            let nth = (self.count() * percent / 100).min(self.count().saturating_sub(1));
            self.answers.get(nth).map_or(0.0, |(_, time)| time.as_secs_f64() * 1_000.0)
        };
        format!("p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms", at(50), at(99), at(100))
    }

    /// Number of responses per status.
    pub(crate) fn statuses(&self) -> String {
        let mut statuses = BTreeMap::<u16, usize>::new();
        for (status, _) in &self.answers {
            *statuses.entry(*status).or_default() += 1;
        }
        let lines = statuses.into_iter().map(|(status, count)| format!("{status}: {count}"));
        lines.collect::<Vec<_>>().join(", ")
    }
}
