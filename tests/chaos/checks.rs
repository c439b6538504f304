//! Invariants to check at the end of every fault. Each check compares sets and names what is missing.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use aho_corasick::AhoCorasick;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use futures_util::StreamExt as _;
use keyward_tests::token_in;
use serde_json::Value;
use uuid::Uuid;

use crate::{actors::Actors, helpers::SUBSCRIBER, history::History, tolerance::Tolerance};

/// Maximum response time: commands and queries time out after ten seconds, not counting the wait in
/// the hashing queue.
const MAX_RESPONSE_TIME: Duration = Duration::from_secs(15);

/// An invariant: its name and its violations.
pub(crate) type Finding = (&'static str, Vec<String>);

/// Checks all of them.
pub(crate) async fn all(actors: &Actors, history: &History, tolerance: Tolerance) -> Vec<Finding> {
    vec![
        ("I1 I2 no event lost, none without a commit", pipeline(actors, tolerance).await),
        ("I3 every effect once", effects(actors, tolerance).await),
        ("I4 every email accepted, with one link", mails(actors, history, tolerance).await),
        ("I5 order per account", order(actors, tolerance).await),
        ("I6 no access after the response that ends it", stale(history, tolerance)),
        ("I7 only documented responses", responses(history, tolerance)),
        ("consumers of other services remain", subscriber(actors).await),
        ("I9 bounded", bounded(actors).await),
        ("I10 no secret in a log", logs(actors, history)),
        ("I11 every confirmed change is stored", confirmed(actors, history).await),
    ]
}

/// Runs `keyward-worker reconcile`, as an operator would.
async fn pipeline(actors: &Actors, tolerance: Tolerance) -> Vec<String> {
    let (is_ok, output) = actors.cluster.run("keyward-worker", &["reconcile"]).await;
    let dead_letters: i64 = sqlx::query_scalar("select count(*) from dead_letters")
        .fetch_one(&actors.cluster.db)
        .await
        .unwrap();
    let unknown = output.lines().filter(|line| line.starts_with("unknown: message")).count();
    let gap = |line: &&str| !line.starts_with(' ') && !line.starts_with("unknown: message");
    match (is_ok, tolerance.poison) {
        (true, 0) => vec![],
        // Each unreadable message is reported and kept; there is no other gap.
        (false, poison) if unknown == poison && dead_letters as usize == poison => {
            let summary = format!("{poison} gaps;");
            let gaps = output.lines().filter(gap).filter(|line| !line.starts_with(&summary));
            gaps.map(str::to_owned).collect()
        }
        _ => output.lines().map(str::to_owned).collect(),
    }
}

fn stale(history: &History, tolerance: Tolerance) -> Vec<String> {
    let beyond = history.stale.iter().filter(|stale| stale.lasted >= tolerance.stale_for);
    beyond.map(|stale| format!("{} for {:?}", stale.what, stale.lasted)).collect()
}

/// A consumer of another service keeps its configuration and sees the whole stream.
async fn subscriber(actors: &Actors) -> Vec<String> {
    if actors.cluster.disk.is_none() {
        return vec![];
    }
    let jetstream = async_nats::jetstream::new(actors.cluster.nats().await);
    let stream = jetstream.get_stream("keyward-events").await.unwrap();
    match stream.consumer_info(SUBSCRIBER).await {
        Ok(info)
            if info.config.filter_subject == "keyward.events.user.>" && info.num_pending > 0 =>
        {
            vec![]
        }
        other => vec![format!("{other:?}")],
    }
}

async fn effects(actors: &Actors, tolerance: Tolerance) -> Vec<String> {
    let dead: Vec<(String, String)> = sqlx::query_as(
        "select job_type, coalesce(last_result::text, '') from apalis.jobs
         where status = 'Killed' or (status = 'Failed' and attempts >= max_attempts)",
    )
    .fetch_all(&actors.cluster.db)
    .await
    .unwrap();
    let twice: Vec<(String, Option<String>, i64)> = sqlx::query_as(
        "select job_type, idempotency_key, count(*) from apalis.jobs group by 1, 2 having count(*) > 1",
    )
    .fetch_all(&actors.cluster.db)
    .await
    .unwrap();
    let dead = dead.into_iter().filter(|_| !tolerance.refused);
    let dead = dead.map(|(queue, why)| format!("a job of {queue} is dead: {why}"));
    dead.chain(twice.into_iter().map(|row| format!("created twice: {row:?}"))).collect()
}

async fn mails(actors: &Actors, history: &History, tolerance: Tolerance) -> Vec<String> {
    let ledger: Vec<(Uuid, String, String, i32)> =
        sqlx::query_as("select mail_id, kind, state, attempts from mails")
            .fetch_all(&actors.cluster.db)
            .await
            .unwrap();
    let mut received: HashMap<String, Vec<Option<String>>> = HashMap::new();
    for mail in actors.cluster.mail.messages() {
        let links = ["/verify-email#", "/reset-password#"];
        let link = links.iter().find_map(|link| token_in(&mail.text, link));
        received.entry(mail.message_id.clone()).or_default().push(link);
    }
    let mut violations = Vec::new();
    for (id, kind, state, attempts) in &ledger {
        let copies = received.remove(&format!("{id}@keyward.example")).unwrap_or_default();
        let is_fine = match state.as_str() {
            "accepted" => !copies.is_empty(),
            // Its link was used, or a newer one was requested.
            "expired" | "suppressed" => true,
            "failed" => tolerance.refused,
            _ => false,
        };
        if !is_fine {
            violations
                .push(format!("email {id} ({kind}) is {state}, received {} times", copies.len()));
        }
        let is_repeated = history.repeated_mails.contains(id) && copies.len() == 2;
        if copies.len() > 1 && !is_repeated && (!tolerance.twice || *attempts < 2) {
            violations.push(format!("email {id} ({kind}) was delivered {} times", copies.len()));
        }
        if copies.iter().collect::<BTreeSet<_>>().len() > 1 {
            violations.push(format!("email {id} ({kind}) was delivered with different links"));
        }
    }
    for id in &history.lost_mails {
        received.remove(&format!("{id}@keyward.example"));
    }
    violations.extend(received.into_keys().map(|id| format!("email {id} was never planned")));
    violations
}

/// Events of one account are in the stream in order of their versions.
async fn order(actors: &Actors, tolerance: Tolerance) -> Vec<String> {
    if tolerance.refilled {
        return vec![];
    }
    let jetstream = async_nats::jetstream::new(actors.cluster.nats().await);
    let stream = jetstream.get_stream("keyward-events").await.unwrap();
    let mut left = stream.cached_info().state.messages;
    let consumer = stream.create_consumer(OrderedConfig::default()).await.unwrap();
    let mut messages = consumer.messages().await.unwrap();
    let mut last: BTreeMap<String, i64> = BTreeMap::new();
    let mut violations = Vec::new();
    while left > 0 {
        let message = messages.next().await.unwrap().unwrap();
        left = message.info().unwrap().pending;
        // Messages that others published may be no events.
        let event = serde_json::from_slice::<Value>(&message.payload).unwrap_or_default();
        let user = event["data"]["user_id"].as_str().map(str::to_owned);
        let Some((user, version)) = user.zip(event["data"]["version"].as_i64()) else { continue };
        let before = last.insert(user.clone(), version).unwrap_or(0);
        if before > version {
            violations.push(format!("version {version} of {user} after {before}"));
        }
    }
    violations
}

pub(crate) fn responses(history: &History, tolerance: Tolerance) -> Vec<String> {
    let mut violations = BTreeMap::<String, usize>::new();
    for call in &history.calls {
        let is_fine = match call.status {
            None => tolerance.no_response,
            Some(503) => call.has_retry_after,
            Some(status) => call.documented.contains(&status),
        };
        let what = call.what;
        if !is_fine {
            let status = call.status.map_or("no response".to_owned(), |status| status.to_string());
            *violations.entry(format!("{what}: {status} {}", call.detail)).or_default() += 1;
        }
        if call.took > MAX_RESPONSE_TIME {
            *violations.entry(format!("{what}: took {:?}", call.took)).or_default() += 1;
        }
    }
    violations.into_iter().map(|(what, times)| format!("{times} x {what}")).collect()
}

async fn bounded(actors: &Actors) -> Vec<String> {
    let connections: i64 = sqlx::query_scalar(
        "select count(*) from pg_stat_activity where datname = current_database()",
    )
    .fetch_one(&actors.cluster.db)
    .await
    .unwrap();
    let mut violations = Vec::new();
    // Each of four programs has two pools, and each of two workers four connections for its queues and a
    // listener. The other ten are for the test.
    let pool_size: i64 = actors.cluster.setting("DATABASE_POOL_SIZE").parse().unwrap_or(16);
    if connections > 4 * 2 * pool_size + 2 * 5 + 10 {
        violations.push(format!("{connections} connections to Postgres"));
    }
    if actors.rss_mib() > 300 {
        violations.push(format!("{} MiB of memory", actors.rss_mib()));
    }
    violations
}

fn logs(actors: &Actors, history: &History) -> Vec<String> {
    let secrets = AhoCorasick::new(&history.secrets).unwrap();
    let mut violations = Vec::new();
    for entry in std::fs::read_dir(actors.cluster.scratch.path()).unwrap().flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "log") {
            continue;
        }
        let log = std::fs::read(&path).unwrap();
        for found in secrets.find_overlapping_iter(&log) {
            let secret = &history.secrets[found.pattern().as_usize()];
            violations.push(format!("{} contains {secret:?}", path.display()));
        }
    }
    violations
}

async fn confirmed(actors: &Actors, history: &History) -> Vec<String> {
    let users: Vec<(String, String, bool)> =
        sqlx::query_as("select email, display_name, email_verified_at is not null from users")
            .fetch_all(&actors.cluster.db)
            .await
            .unwrap();
    let users: HashMap<_, _> =
        users.into_iter().map(|(email, name, v)| (email, (name, v))).collect();
    let ended: Vec<Uuid> =
        sqlx::query_scalar("select session_id from sessions where ended_at is not null")
            .fetch_all(&actors.cluster.db)
            .await
            .unwrap();
    let ended: BTreeSet<_> = ended.into_iter().collect();
    let mut violations = Vec::new();
    for person in &history.people {
        let Some((name, is_verified)) = users.get(&person.email) else {
            violations.push(format!("{} was registered but does not exist", person.email));
            continue;
        };
        if *name != person.name && !person.unconfirmed_names.contains(name) {
            violations.push(format!(
                "{} is named {name:?}, not {:?} as confirmed",
                person.email, person.name
            ));
        }
        if person.is_verified && !is_verified {
            violations.push(format!("{} was confirmed but is unverified", person.email));
        }
        for session in person.ended.iter().filter(|session| !ended.contains(session)) {
            violations.push(format!("session {session} of {} has not ended", person.email));
        }
    }
    violations
}
