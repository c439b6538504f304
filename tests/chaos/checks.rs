//! What must hold in the end, whatever happened. Each check compares sets and names what is missing.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use aho_corasick::AhoCorasick;
use keyward_tests::token_in;
use serde_json::Value;
use uuid::Uuid;

use crate::{crew::Crew, history::History, means::SUBSCRIBER, tolerance::Tolerance};

/// Longest time an answer may take: commands and queries give up after ten seconds, hashing has a
/// queue before that.
const ANSWER: Duration = Duration::from_secs(15);

/// One invariant: its name, and what speaks against it.
pub(crate) type Verdict = (&'static str, Vec<String>);

/// All of them.
pub(crate) async fn all(crew: &Crew, history: &History, tolerance: Tolerance) -> Vec<Verdict> {
    vec![
        ("I1 I2 no event lost, none without a commit", way(crew, tolerance).await),
        ("I3 every effect once", effects(crew, tolerance).await),
        ("I4 every mail accepted, with one link", mails(crew, tolerance).await),
        ("I5 order per account", order(crew, tolerance).await),
        ("I6 old rights end with the answer", history.broken.clone()),
        ("I7 only documented answers", answers(history, tolerance)),
        ("others keep their consumers", subscriber(crew).await),
        ("I9 bounded", bounded(crew).await),
        ("I10 no secret in a log", logs(crew, history)),
        ("I11 what was confirmed is there", promises(crew, history).await),
    ]
}

/// As a stranger would look: with our own command.
async fn way(crew: &Crew, tolerance: Tolerance) -> Vec<String> {
    let (is_well, said) = crew.cluster.run("keyward-worker", &["reconcile"]).await;
    let letters: i64 = sqlx::query_scalar("select count(*) from dead_letters")
        .fetch_one(&crew.cluster.db)
        .await
        .unwrap();
    let strange = said.lines().filter(|line| line.starts_with("unknown: message")).count();
    let gap = |line: &&str| !line.starts_with(' ') && !line.starts_with("unknown: message");
    match (is_well, tolerance.poison) {
        (true, 0) => vec![],
        // Each message that nobody can read is named, and kept; nothing else is amiss.
        (false, poison) if strange == poison && letters as usize == poison => {
            let summary = format!("{poison} gaps;");
            let gaps = said.lines().filter(gap).filter(|line| !line.starts_with(&summary));
            gaps.map(str::to_owned).collect()
        }
        _ => said.lines().map(str::to_owned).collect(),
    }
}

/// Where another service reads the stream, it does so still, and is shown the whole stream.
async fn subscriber(crew: &Crew) -> Vec<String> {
    if crew.cluster.disk.is_none() {
        return vec![];
    }
    let jetstream = async_nats::jetstream::new(crew.cluster.nats().await);
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

async fn effects(crew: &Crew, tolerance: Tolerance) -> Vec<String> {
    let dead: Vec<(String, String)> = sqlx::query_as(
        "select job_type, coalesce(last_result::text, '') from apalis.jobs
         where status = 'Killed' or (status = 'Failed' and attempts >= max_attempts)",
    )
    .fetch_all(&crew.cluster.db)
    .await
    .unwrap();
    let twice: Vec<(String, Option<String>, i64)> = sqlx::query_as(
        "select job_type, idempotency_key, count(*) from apalis.jobs group by 1, 2 having count(*) > 1",
    )
    .fetch_all(&crew.cluster.db)
    .await
    .unwrap();
    let dead = dead.into_iter().filter(|_| !tolerance.refused);
    let dead = dead.map(|(queue, why)| format!("a job of {queue} is dead: {why}"));
    dead.chain(twice.into_iter().map(|row| format!("made twice: {row:?}"))).collect()
}

async fn mails(crew: &Crew, tolerance: Tolerance) -> Vec<String> {
    let ledger: Vec<(Uuid, String, String, i32)> =
        sqlx::query_as("select mail_id, kind, state, attempts from mails")
            .fetch_all(&crew.cluster.db)
            .await
            .unwrap();
    let mut caught: HashMap<String, Vec<Option<String>>> = HashMap::new();
    for mail in crew.cluster.mail.messages() {
        let links = ["/verify-email#", "/reset-password#"];
        let link = links.iter().find_map(|link| token_in(&mail.text, link));
        caught.entry(mail.message_id.clone()).or_default().push(link);
    }
    let mut against = Vec::new();
    for (id, kind, state, attempts) in &ledger {
        let copies = caught.remove(&format!("{id}@keyward.example")).unwrap_or_default();
        let is_fine = match state.as_str() {
            "accepted" => !copies.is_empty(),
            // Its link was used, or a newer one was asked for.
            "expired" | "suppressed" => true,
            "failed" => tolerance.refused,
            _ => false,
        };
        if !is_fine {
            against.push(format!("mail {id} ({kind}) is {state}, caught {} times", copies.len()));
        }
        if copies.len() > 1 && (!tolerance.twice || *attempts < 2) {
            against.push(format!("mail {id} ({kind}) came {} times", copies.len()));
        }
        if copies.iter().collect::<BTreeSet<_>>().len() > 1 {
            against.push(format!("mail {id} ({kind}) came with different links"));
        }
    }
    against.extend(caught.into_keys().map(|id| format!("mail {id} was never planned")));
    against
}

/// One account's events are in the stream in the order of its versions.
async fn order(crew: &Crew, tolerance: Tolerance) -> Vec<String> {
    if tolerance.refilled {
        return vec![];
    }
    let published: Vec<(i64, Value)> = sqlx::query_as(
        "select stream_sequence, envelope::jsonb from outbox
         where stream_sequence is not null and user_id is not null order by stream_sequence",
    )
    .fetch_all(&crew.cluster.db)
    .await
    .unwrap();
    let mut last: BTreeMap<String, i64> = BTreeMap::new();
    let mut against = Vec::new();
    for (sequence, event) in published {
        let (user, version) = (event["data"]["user_id"].to_string(), &event["data"]["version"]);
        let version = version.as_i64().unwrap();
        let before = last.insert(user.clone(), version).unwrap_or(0);
        if before > version {
            against.push(format!("message {sequence}: version {version} of {user} after {before}"));
        }
    }
    against
}

pub(crate) fn answers(history: &History, tolerance: Tolerance) -> Vec<String> {
    let mut against = BTreeMap::<String, usize>::new();
    for call in &history.calls {
        let is_fine = match call.status {
            None => tolerance.no_answer,
            Some(503) => call.says_when_to_retry,
            Some(status) => call.promised.contains(&status),
        };
        let what = call.what;
        if !is_fine {
            let status = call.status.map_or("no answer".to_owned(), |status| status.to_string());
            *against.entry(format!("{what}: {status} {}", call.detail)).or_default() += 1;
        }
        if call.took > ANSWER {
            *against.entry(format!("{what}: took {:?}", call.took)).or_default() += 1;
        }
    }
    against.into_iter().map(|(what, times)| format!("{times} x {what}")).collect()
}

async fn bounded(crew: &Crew) -> Vec<String> {
    let connections: i64 = sqlx::query_scalar(
        "select count(*) from pg_stat_activity where datname = current_database()",
    )
    .fetch_one(&crew.cluster.db)
    .await
    .unwrap();
    let mut against = Vec::new();
    // Two pools of eight for each of four programs, who each listen to the others, as the workers do to
    // their queues; and ours.
    if connections > 4 * 16 + 4 + 2 + 10 {
        against.push(format!("{connections} connections to Postgres"));
    }
    if crew.rss_mib() > 300 {
        against.push(format!("{} MiB of memory", crew.rss_mib()));
    }
    against
}

fn logs(crew: &Crew, history: &History) -> Vec<String> {
    let secrets = AhoCorasick::new(&history.secrets).unwrap();
    let mut against = Vec::new();
    for entry in std::fs::read_dir(crew.cluster.scratch.path()).unwrap().flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "log") {
            continue;
        }
        let log = std::fs::read(&path).unwrap();
        for found in secrets.find_overlapping_iter(&log) {
            let secret = &history.secrets[found.pattern().as_usize()];
            against.push(format!("{} holds {secret:?}", path.display()));
        }
    }
    against
}

async fn promises(crew: &Crew, history: &History) -> Vec<String> {
    let users: Vec<(String, String, bool)> =
        sqlx::query_as("select email, display_name, email_verified_at is not null from users")
            .fetch_all(&crew.cluster.db)
            .await
            .unwrap();
    let users: HashMap<_, _> =
        users.into_iter().map(|(email, name, v)| (email, (name, v))).collect();
    let ended: Vec<Uuid> =
        sqlx::query_scalar("select session_id from sessions where ended_at is not null")
            .fetch_all(&crew.cluster.db)
            .await
            .unwrap();
    let ended: BTreeSet<_> = ended.into_iter().collect();
    let mut against = Vec::new();
    for person in &history.people {
        let Some((name, is_verified)) = users.get(&person.email) else {
            against.push(format!("{} registered and is not there", person.email));
            continue;
        };
        if *name != person.name && !person.perhaps.contains(name) {
            against.push(format!("{} is {name:?}, and was told {:?}", person.email, person.name));
        }
        if person.is_verified && !is_verified {
            against.push(format!("{} was confirmed and is not", person.email));
        }
        for session in person.ended.iter().filter(|session| !ended.contains(session)) {
            against.push(format!("session {session} of {} lives on", person.email));
        }
    }
    against
}
