//! Measures throughput and latency of the event pipeline: `make bench-events`.
//!
//! Commands rename accounts. Each emits an event, and each event has one job that invalidates a cache
//! entry, the cheapest job there is. The times are those recorded in Postgres.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark panics on failure and prints its results"
)]

use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use keyward_core::{
    app::Actor,
    commands::ChangeProfile,
    domain::{DisplayName, SessionId, VersionMatch},
    origin::Origin,
};
use keyward_tests::{Options, World, until};

/// Events that wait when the worker starts.
const BACKLOG: usize = 20_000;
/// Number of accounts.
const PEOPLE: usize = 16;
/// Events per measurement of latency.
const PACED: usize = 400;

#[tokio::main]
async fn main() {
    let options = Options::default().without_worker().set("DATABASE_POOL_SIZE", 16);
    let mut world = World::with(options).await;
    let people = people(&world).await;

    let wal = "select (pg_current_wal_insert_lsn() - '0/0')::float8";
    let wal_before = number(&world, wal).await;
    let began_at = Instant::now();
    rename_all(&world, &people, BACKLOG).await;
    let commands = began_at.elapsed();
    println!("commands committed              {:8.0} /s", per_s(BACKLOG, commands));

    world.start_worker().await;
    until_done(&world, BACKLOG).await;
    let written = number(&world, wal).await - wal_before;
    println!("WAL, command to completed job   {:8.0} bytes per event", written / BACKLOG as f64);
    let stream = world.stream().await;
    let state = &stream.cached_info().state;
    let published = state.last_timestamp - state.first_timestamp;
    println!(
        "outbox -> stream                {:8.0} /s",
        BACKLOG as f64 / published.as_seconds_f64()
    );
    for (what, column) in [
        ("stream -> jobs", "run_at from apalis.jobs"),
        ("jobs done", "done_at from apalis.jobs where status = 'Done'"),
    ] {
        println!("{what:<31} {:8.0} /s", rate(&world, column).await);
    }
    let done = "select extract(epoch from max(done_at))::float8 from apalis.jobs";
    let from = state.first_timestamp.unix_timestamp_nanos() as f64 / 1e9;
    println!(
        "outbox -> job done, total       {:8.0} /s   (target: 8000)",
        BACKLOG as f64 / (number(&world, done).await - from)
    );

    latency(&world, "at idle", &people, Duration::from_millis(20)).await;
    println!("  target: p50 < 10 ms, p99 < 50 ms");
    latency(&world, "200 a second", &people, Duration::from_millis(5)).await;
}

async fn people(world: &World) -> Vec<Actor> {
    let mut people = Vec::new();
    for nth in 0..PEOPLE {
        let account = world.register(&format!("person-{nth}")).await;
        world.sql("update users set email_verified_at = now()").await;
        let tokens = world.log_in(&account).await;
        let user_id = world.user_id(&account.email).await;
        people.push(Actor { user_id, session_id: SessionId(tokens.session_id) });
    }
    world.sql("truncate outbox, outbox_pending").await;
    people
}

async fn rename(world: &World, actor: Actor, nth: usize) {
    let display_name = DisplayName::parse(&format!("name {nth}")).ok();
    let command = ChangeProfile { actor, display_name, locale: None, if_match: VersionMatch::Any };
    world.app.execute(command, &Origin::default()).await.unwrap();
}

async fn rename_all(world: &World, people: &[Actor], count: usize) {
    stream::iter(0..count)
        .for_each_concurrent(PEOPLE, |nth| rename(world, people[nth % PEOPLE], nth))
        .await;
}

async fn until_done(world: &World, count: usize) {
    // Counting slows Postgres down: nothing is counted while events wait.
    let done = "select case when exists (select from outbox_pending)
                              or exists (select from apalis.jobs where status = 'Pending')
                            then 0 else (select count(*) from apalis.jobs
                                         where job_type = 'cache-invalidation' and status = 'Done')
                       end::float8";
    until("all jobs are completed", async || {
        (number(world, done).await >= count as f64).then_some(())
    })
    .await;
}

/// Rate per second between the first and the last.
async fn rate(world: &World, column: &str) -> f64 {
    let (name, rest) = column.split_once(" from ").unwrap();
    let statement = format!(
        "select (count({name}) / extract(epoch from max({name}) - min({name})))::float8 from {rest}"
    );
    number(world, &statement).await
}

async fn number(world: &World, statement: &str) -> f64 {
    sqlx::query_scalar(sqlx::AssertSqlSafe(statement.to_owned()))
        .fetch_one(&world.db)
        .await
        .unwrap()
}

/// Time from the start of the transaction until a worker takes the job from its queue.
async fn latency(world: &World, when: &str, people: &[Actor], pause: Duration) {
    world.sql("truncate outbox, outbox_pending, apalis.jobs").await;
    let mut pace = tokio::time::interval(pause);
    for nth in 0..PACED {
        pace.tick().await;
        rename(world, people[nth % PEOPLE], nth).await;
    }
    until_done(world, PACED).await;
    let (p50, p99): (f64, f64) = sqlx::query_as(
        "select percentile_cont(0.5) within group (order by ms), percentile_cont(0.99) within group (order by ms)
         from (select (extract(epoch from lock_at - occurred_at) * 1000)::float8 as ms
               from outbox join apalis.jobs on split_part(idempotency_key, '/', 1) = event_id::text) as waits",
    )
    .fetch_one(&world.db)
    .await
    .unwrap();
    println!("commit -> job starts, {when:<12} p50 {p50:.1} ms, p99 {p99:.1} ms");
}

fn per_s(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}
