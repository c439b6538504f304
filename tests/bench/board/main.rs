//! Measures the pages of the operations board with a million jobs: `make bench-board`. The budget is
//! 200 ms for each page.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark panics on failure and prints its results"
)]

use std::time::{Duration, Instant};

use keyward_tests::{Options, Seed, World, until};
use keyward_worker::ops::snapshot::QueueSnapshot;

/// Requests to each page.
const ROUNDS: usize = 40;

#[tokio::main]
async fn main() {
    let million = 1_000_000;
    for (what, seed) in [
        ("almost all completed", Seed::quiet(million)),
        ("100,000 available", Seed { available: 100_000, completed: 900_000, ..Seed::default() }),
        ("100,000 dead", Seed { dead: 100_000, completed: 900_000, ..Seed::default() }),
    ] {
        measure(what, seed).await;
    }
}

async fn measure(what: &str, seed: Seed) {
    let mut world = World::with(Options::operated().without_worker()).await;
    let began_at = Instant::now();
    world.seed(seed).await;
    println!("\n1,000,000 jobs, {what} (created in {:.0} s)", began_at.elapsed().as_secs_f64());
    // Jobs that are retried at the end do not run.
    world
        .sql(
            "insert into queue_pauses (queue, paused_by)
             select distinct job_type, 'ada' from apalis.jobs
             union select distinct metadata -> 'kind', 'ada' from apalis.jobs
             where metadata ? 'kind' on conflict do nothing",
        )
        .await;
    world.start_worker().await;
    let known = async || world.look("/").await.text.contains("data-sentence").then_some(());
    until("there is a snapshot", known).await;
    let snapshot = snapshot(&world).await;
    println!("  {:<42} {:7.1} ms, in the background", "a snapshot", ms(snapshot));
    for (name, path) in pages(&world).await {
        let mut times = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let began_at = Instant::now();
            world.look(&path).await.expect(200);
            times.push(began_at.elapsed());
        }
        times.sort();
        let (p50, p99) = (times[ROUNDS / 2], times[ROUNDS * 99 / 100]);
        println!("  {name:<42} p50 {:6.1} ms   p99 {:6.1} ms", ms(p50), ms(p99));
    }
    for words in ["blocked", ""] {
        retry_all(&world, words).await;
    }
}

/// Measures the response time and the time until all jobs are retried.
async fn retry_all(world: &World, words: &str) {
    let form = [("action", "retry"), ("state", "dead"), ("q", words)];
    let began_at = Instant::now();
    let request = world.act_request("/jobs/all", &form).header("sec-fetch-site", "same-origin");
    world.send(request).await.expect(303);
    let answered = began_at.elapsed();
    let ended =
        async || (world.count("operator_actions where ended_at is null").await == 0).then_some(());
    until("all have been retried", ended).await;
    let took = began_at.elapsed();
    let count: i64 =
        sqlx::query_scalar("select affected from operator_actions order by action_id desc limit 1")
            .fetch_one(&world.db)
            .await
            .unwrap();
    let what = format!("retry of {count} jobs");
    println!("  {what:<42} {:7.1} s, response after {:.1} s", secs(took), secs(answered));
}

async fn snapshot(world: &World) -> Duration {
    let mut times = Vec::new();
    for _ in 0..5 {
        times.push(QueueSnapshot::take(&world.app, &world.nats).await.unwrap().took);
    }
    times.sort();
    times[2]
}

/// Every kind of page and search.
async fn pages(world: &World) -> Vec<(&'static str, String)> {
    let (job, key): (String, String) = sqlx::query_as(
        "select id, idempotency_key from apalis.jobs where metadata -> 'kind' = 'verification-email'
         order by id limit 1",
    )
    .fetch_one(&world.db)
    .await
    .unwrap();
    let event = key.split('/').next().unwrap();
    let mail: uuid::Uuid =
        sqlx::query_scalar("select mail_id from mails order by mail_id offset 1000 limit 1")
            .fetch_one(&world.db)
            .await
            .unwrap();
    // The first page of a state, and one far behind.
    let mut far = "/jobs?state=completed".to_owned();
    for _ in 0..20 {
        let page = world.look(&far).await.text;
        let Some((_, rest)) = page.split_once("<a class=\"button second\" href=\"") else { break };
        far = rest.split('"').next().unwrap().replace("&#38;", "&");
    }
    vec![
        ("overview", "/".into()),
        ("jobs completed", "/jobs?state=completed".into()),
        ("jobs completed, 20 pages on", far),
        ("jobs available", "/jobs?state=available".into()),
        ("jobs scheduled", "/jobs?state=scheduled".into()),
        ("jobs running", "/jobs?state=running".into()),
        ("jobs dead", "/jobs?state=dead".into()),
        ("jobs dead of one kind", "/jobs?state=dead&queue=verification-email".into()),
        ("jobs dead, by a frequent error", "/jobs?state=dead&q=blocked".into()),
        ("jobs dead, by an unknown error", "/jobs?state=dead&q=xyzzy+nowhere".into()),
        ("jobs completed, by an unknown error", "/jobs?state=completed&q=xyzzy+nowhere".into()),
        ("jobs, by event", format!("/jobs?q={event}")),
        ("one job", format!("/jobs/{job}")),
        ("trace, by event", format!("/trace?q={event}")),
        ("trace, by request", "/trace?q=request-4711".into()),
        ("trace, by mail", format!("/trace?q={mail}")),
        ("trace, by user (1,000 events)", "/trace?q=019a0000-0000-7000-8000-000000000040".into()),
        ("trace, by an unknown id", format!("/trace?q={}", uuid::Uuid::new_v4())),
        ("trace, by a trace", format!("/trace?q={:032x}", 990_000)),
        ("trace, by an unknown trace", format!("/trace?q={}", uuid::Uuid::new_v4().simple())),
        ("count before a bulk retry", "/jobs/all?action=retry&state=dead".into()),
        ("audit", "/audit".into()),
    ]
}

fn secs(time: Duration) -> f64 {
    time.as_secs_f64()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
