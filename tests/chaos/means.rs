//! How the faults are done that take more than a line.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use async_nats::jetstream::consumer::pull;
use chrono::{DateTime, Utc};
use keyward_stack::process::Signal;
use keyward_tests::{Chance, until};
use tokio::time::sleep;

use crate::{crew::Crew, faults::POISON};

/// Up to so many milliseconds, by chance: how long a fault lasts, and when it comes. Nothing is waited
/// for here.
pub(crate) async fn moment(chance: &mut Chance, most_ms: usize) {
    sleep(some(chance, most_ms)).await;
}

fn some(chance: &mut Chance, most_ms: usize) -> Duration {
    Duration::from_millis(chance.below(most_ms) as u64)
}

pub(crate) async fn redis(crew: &Crew, command: &[&str]) {
    let client = redis::Client::open(crew.cluster.stack.urls().redis).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let (name, args) = command.split_first().unwrap();
    let mut command = redis::cmd(name);
    args.iter().for_each(|arg| _ = command.arg(arg));
    command.query_async::<redis::Value>(&mut connection).await.unwrap();
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_folder(&entry.path(), &target),
            false => _ = std::fs::copy(entry.path(), target).unwrap(),
        }
    }
}

/// Kills whoever it hits, and starts it again, as whoever supervises it would.
pub(crate) async fn kill_everything(crew: &mut Crew, chance: &mut Chance) {
    let minutes = std::env::var("MINUTES").ok().and_then(|text| text.parse::<f64>().ok());
    let until = Instant::now() + Duration::from_secs_f64(minutes.unwrap_or(0.5) * 60.0);
    while Instant::now() < until {
        let stack = &mut crew.cluster.stack;
        match chance.below(7) {
            0 => stack.postgres.kill().await,
            1 => stack.nats.kill().await,
            2 => stack.redis.kill().await,
            one @ (3 | 4) => crew.kill_api(one - 3).await,
            one => crew.kill_worker(one - 5).await,
        }
        moment(chance, 1_500).await;
        crew.supervise().await;
        moment(chance, 2_500).await;
    }
}

/// Stops a worker in the middle of a batch of its relay; lets it go on when it has lost its lease, and
/// the other one has been at it for a moment.
pub(crate) async fn pause_leader(crew: &Crew, chance: &mut Chance) {
    let (paused, lead) = until("a worker stands still while it leads", async || {
        let worker = &crew.workers[chance.below(2)].as_ref().unwrap().process;
        worker.signal(Signal::SIGSTOP);
        // Whoever does not stand still ends its batch meanwhile.
        let before = leads(crew).await;
        sleep(Duration::from_millis(100)).await;
        let lead = leads(crew).await.into_iter().find(|lead| before.contains(lead));
        if lead.is_none() {
            worker.signal(Signal::SIGCONT);
        }
        Some((worker, lead?))
    })
    .await;
    let is_over = async || (!leads(crew).await.contains(&lead)).then_some(());
    until("Postgres takes the lead from who stands still", is_over).await;
    moment(chance, 2_000).await;
    paused.signal(Signal::SIGCONT);
}

/// Connections whose transaction leads the relay, and since when.
async fn leads(crew: &Crew) -> Vec<(i32, DateTime<Utc>)> {
    sqlx::query_as(
        "select pid, xact_start from pg_locks join pg_stat_activity using (pid)
         where locktype = 'advisory' and granted and datname = current_database()
               and state = 'idle in transaction'",
    )
    .fetch_all(&crew.cluster.db)
    .await
    .unwrap()
}

/// A consumer of another service.
pub(crate) const SUBSCRIBER: &str = "subscriber";

async fn subscribe(crew: &Crew) {
    let jetstream = async_nats::jetstream::new(crew.cluster.nats().await);
    let mut config = pull::Config { durable_name: Some(SUBSCRIBER.into()), ..Default::default() };
    config.filter_subject = "keyward.events.user.>".into();
    let stream = jetstream.get_stream("keyward-events").await.unwrap();
    stream.create_consumer(config).await.unwrap();
}

/// Nothing can be written any more; whoever supervises the servers starts those that gave up.
pub(crate) async fn fill_disk(crew: &mut Crew, chance: &mut Chance) {
    subscribe(crew).await;
    for _ in 0..2 {
        let full_until = Instant::now() + some(chance, 4_000);
        while Instant::now() < full_until {
            // Whoever gives something back loses it again.
            crew.cluster.disk.as_ref().unwrap().fill();
            sleep(Duration::from_millis(50)).await;
        }
        crew.cluster.disk.as_ref().unwrap().relieve();
        crew.supervise().await;
        moment(chance, 2_000).await;
    }
}

pub(crate) async fn withhold_descriptors(crew: &Crew, chance: &mut Chance) {
    for more in [4, 0] {
        crew.limit_descriptors(Some(more));
        moment(chance, 4_000).await;
        crew.limit_descriptors(None);
        moment(chance, 1_000).await;
    }
}

pub(crate) async fn turn_clocks(crew: &Crew, chance: &mut Chance) {
    for seconds in [3_600, -3_600, 86_400, -86_400, 0] {
        crew.apis[1].as_ref().unwrap().turn_clock(seconds);
        crew.workers[1].as_ref().unwrap().turn_clock(seconds);
        // They notice within a second.
        sleep(Duration::from_secs(1) + some(chance, 3_000)).await;
    }
    for log in [crew.apis[1].as_ref().unwrap().log(), crew.workers[1].as_ref().unwrap().log()] {
        assert!(log.contains("ahead of that of postgres"), "the clock was never wrong: {log}");
    }
}

/// Messages that nobody can read.
pub(crate) async fn poison(crew: &Crew) {
    let nats = crew.cluster.nats().await;
    for nth in 0..POISON {
        let payload = format!("poison {nth}").into_bytes();
        nats.publish("keyward.events.user.registered", payload.into()).await.unwrap();
    }
    nats.flush().await.unwrap();
}
