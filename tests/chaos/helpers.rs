//! Helpers of the faults.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use async_nats::jetstream::consumer::pull;
use chrono::{DateTime, Utc};
use keyward_stack::process::Signal;
use keyward_tests::{Rng, until};
use tokio::time::sleep;

use crate::{actors::Actors, faults::POISON};

/// Sleeps for a random time below `max_ms`: the delay or the duration of a fault, not the wait for a
/// condition.
pub(crate) async fn sleep_below(rng: &mut Rng, max_ms: usize) {
    sleep(random_below(rng, max_ms)).await;
}

fn random_below(rng: &mut Rng, max_ms: usize) -> Duration {
    Duration::from_millis(rng.below(max_ms) as u64)
}

pub(crate) async fn redis(actors: &Actors, command: &[&str]) {
    let client = redis::Client::open(actors.cluster.stack.urls().redis).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let (name, args) = command.split_first().unwrap();
    let mut command = redis::cmd(name);
    args.iter().for_each(|arg| _ = command.arg(arg));
    command.query_async::<redis::Value>(&mut connection).await.unwrap();
}

/// Drops all connections of our programs to Postgres.
pub(crate) async fn drop_connections(actors: &Actors) {
    sqlx::query(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where pid <> pg_backend_pid() and datname = current_database()",
    )
    .execute(&actors.cluster.db)
    .await
    .unwrap();
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

/// Replaces the store of NATS with an old copy.
pub(crate) async fn set_nats_back(actors: &mut Actors, rng: &mut Rng) {
    let copy = actors.cluster.scratch.path().join("copy");
    let nats = &mut actors.cluster.stack.nats;
    let store = nats.store();
    nats.kill().await;
    copy_folder(&store, &copy);
    nats.restart().await.unwrap();
    sleep_below(rng, 3_000).await;
    nats.kill().await;
    std::fs::remove_dir_all(&store).unwrap();
    copy_folder(&copy, &store);
    nats.restart().await.unwrap();
}

/// Kills programs and servers at random and restarts them, as a supervisor would.
pub(crate) async fn kill_everything(actors: &mut Actors, rng: &mut Rng) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<f64>().ok());
    let until = Instant::now() + Duration::from_secs_f64(number("MINUTES").unwrap_or(0.5) * 60.0);
    if let Some(cores) = number("CORES") {
        actors.limit_cpu(cores);
    }
    while Instant::now() < until {
        let stack = &mut actors.cluster.stack;
        match rng.below(7) {
            0 => stack.postgres.kill().await,
            1 => stack.nats.kill().await,
            2 => stack.redis.kill().await,
            one @ (3 | 4) => actors.kill_api(one - 3).await,
            one => actors.kill_worker(one - 5).await,
        }
        sleep_below(rng, 1_500).await;
        actors.supervise().await;
        sleep_below(rng, 2_500).await;
    }
    actors.cluster.quota = None;
}

/// Pauses a worker while its relay publishes a batch. Resumes it after it has lost the lock and the
/// other worker has led for some time.
pub(crate) async fn pause_leader(actors: &Actors, rng: &mut Rng) {
    let (paused, leader) = until("a worker is paused while it leads", async || {
        let worker = &actors.workers[rng.below(2)].as_ref().unwrap().process;
        worker.pause();
        // A relay that still runs finishes its batch in this time.
        let before = leaders(actors).await;
        sleep(Duration::from_millis(100)).await;
        let leader = leaders(actors).await.into_iter().find(|leader| before.contains(leader));
        if leader.is_none() {
            worker.signal(Signal::SIGCONT);
        }
        Some((worker, leader?))
    })
    .await;
    let has_lost_it = async || (!leaders(actors).await.contains(&leader)).then_some(());
    until("Postgres releases the lock of the paused worker", has_lost_it).await;
    sleep_below(rng, 2_000).await;
    paused.signal(Signal::SIGCONT);
}

/// Connections whose transaction holds the lock of the relay, and the start of the transaction.
async fn leaders(actors: &Actors) -> Vec<(i32, DateTime<Utc>)> {
    sqlx::query_as(
        "select pid, xact_start from pg_locks join pg_stat_activity using (pid)
         where locktype = 'advisory' and granted and datname = current_database()
               and state = 'idle in transaction'",
    )
    .fetch_all(&actors.cluster.db)
    .await
    .unwrap()
}

/// The name of another service's consumer.
pub(crate) const SUBSCRIBER: &str = "subscriber";

async fn subscribe(actors: &Actors) {
    let jetstream = async_nats::jetstream::new(actors.cluster.nats().await);
    let mut config = pull::Config { durable_name: Some(SUBSCRIBER.into()), ..Default::default() };
    config.filter_subject = "keyward.events.user.>".into();
    let stream = jetstream.get_stream("keyward-events").await.unwrap();
    stream.create_consumer(config).await.unwrap();
}

/// How long the stream is not writable before the test restarts `nats-server`. In production, an alert
/// fires after a minute.
const UNWRITABLE_FOR: Duration = Duration::from_secs(5);

/// Fills the disk; then frees it and restarts the servers that exited, and a `nats-server` that does
/// not write the stream (docs/operate/runbooks/stream-not-writable.md).
pub(crate) async fn fill_disk(actors: &mut Actors, rng: &mut Rng) {
    subscribe(actors).await;
    for _ in 0..2 {
        let full_until = Instant::now() + random_below(rng, 4_000);
        while Instant::now() < full_until {
            // Freed space is filled again.
            actors.cluster.disk.as_ref().unwrap().fill();
            sleep(Duration::from_millis(50)).await;
        }
        actors.cluster.disk.as_ref().unwrap().free();
        actors.supervise().await;
        sleep_below(rng, 2_000).await;
    }
    if is_unwritable(actors).await {
        println!("nats-server does not write the stream and is restarted");
        actors.cluster.stack.nats.stop().await;
        actors.cluster.stack.nats.restart().await.unwrap();
    }
}

/// Waits until the relay has published an event that was committed after the fault, or has reported
/// for [`UNWRITABLE_FOR`] that it cannot. Returns whether it cannot.
async fn is_unwritable(actors: &Actors) -> bool {
    let freed_at: DateTime<Utc> = until("Postgres is available again", async || {
        sqlx::query_scalar("select now()").fetch_one(&actors.cluster.db).await.ok()
    })
    .await;
    let state = "select unwritable_since is not null
                        and unwritable_since < now() - make_interval(secs => $1),
                        unwritable_since is null and exists (
                            select from outbox left join outbox_pending using (event_id)
                            where occurred_at > $2 and coalesce(generation, 1) > 0)
                 from streams";
    until("the relay publishes, or reports that it cannot", async || {
        let state: (bool, bool) = sqlx::query_as(state)
            .bind(UNWRITABLE_FOR.as_secs_f64())
            .bind(freed_at)
            .fetch_one(&actors.cluster.db)
            .await
            .ok()?;
        match state {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    })
    .await
}

pub(crate) async fn limit_descriptors(actors: &Actors, rng: &mut Rng) {
    for more in [4, 0] {
        actors.limit_descriptors(Some(more));
        sleep_below(rng, 4_000).await;
        actors.limit_descriptors(None);
        sleep_below(rng, 1_000).await;
    }
}

pub(crate) async fn shift_clocks(actors: &Actors, rng: &mut Rng) {
    for seconds in [3_600, -3_600, 86_400, -86_400, 0] {
        actors.apis[1].as_ref().unwrap().set_clock_offset(seconds);
        actors.workers[1].as_ref().unwrap().set_clock_offset(seconds);
        // They read the offset once a second.
        sleep(Duration::from_secs(1) + random_below(rng, 3_000)).await;
    }
    for log in [actors.apis[1].as_ref().unwrap().log(), actors.workers[1].as_ref().unwrap().log()] {
        assert!(log.contains("ahead of postgres"), "the clock was never wrong: {log}");
    }
}

/// Publishes messages that no release can read.
pub(crate) async fn poison(actors: &Actors) {
    let nats = actors.cluster.nats().await;
    for nth in 0..POISON {
        let payload = format!("poison {nth}").into_bytes();
        nats.publish("keyward.events.user.registered", payload.into()).await.unwrap();
    }
    nats.flush().await.unwrap();
}

/// Inserts events that had their effect, as the outbox retains them: more than a relay publishes within
/// the recovery time.
pub(crate) async fn retain_events(actors: &Actors) {
    sqlx::query(
        "insert into outbox (event_id, subject, envelope, occurred_at)
         select id, 'link.request_ignored', json_build_object('event_id', id, 'occurred_at', at,
                    'trace', json_build_object('request_id', '', 'traceparent', ''),
                    'type', 'link.request_ignored', 'data', json_build_object('link_id', id)), at
         from (select now() - interval '1 hour' as at,
                      (lpad(to_hex((extract(epoch from now()) * 1000)::bigint - 3600000), 12, '0')
                       || '7000' || '8' || lpad(to_hex(n), 15, '0'))::uuid as id
               from generate_series(1, 1000000) as n) as past",
    )
    .execute(&actors.cluster.db)
    .await
    .unwrap();
}
