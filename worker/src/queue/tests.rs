use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use keyward_core::{
    domain::{EventId, UserId},
    events::{Envelope, Event},
    infra::postgres::Pool,
    origin::{Origin, Trace},
};
use keyward_tests::{Options, World, until};
use serde::{Deserialize, Serialize};
use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{
    Backoff, Job, JobContext, JobError, NewJob, Queues, backoff::by_age, enqueue, rows::poll,
};

#[test]
fn backoff_repeats_its_last_delay() {
    let backoff = Backoff(&[5, 300, 1800]);
    let waits: Vec<u64> = (1..=5).map(|n| backoff.after(n, 0.0).as_secs()).collect();
    assert_eq!(waits, [5, 300, 1800, 1800, 1800]);
    assert_eq!(backoff.after(2, 1.0), Duration::from_secs(225));
    assert_eq!(backoff.after(usize::MAX, 0.0).as_secs(), 1800);
}

#[test]
fn postponed_job_waits_by_its_age() {
    let waits = [0, 40, 4_000_000].map(|age_s| by_age(Duration::from_secs(age_s), 0.0));
    assert_eq!(waits.map(|wait| wait.as_secs()), [1, 10, 300]);
    assert_eq!(by_age(Duration::ZERO, 1.0), Duration::from_millis(1_250));
}

#[test]
fn default_attempts_take_more_than_twenty_hours() {
    let least: Duration = (1..40).map(|n| Backoff::DEFAULT.after(n, 1.0)).sum();
    assert!(least > Duration::from_secs(20 * 3600), "{least:?}");
}

/// What a trial job does when it is run.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Trial {
    Succeed,
    Panic,
    Hang,
    Fail,
    Die,
}

static RUNS: AtomicUsize = AtomicUsize::new(0);

impl Job for Trial {
    const QUEUE: &'static str = "trial";
    const TIMEOUT: Duration = Duration::from_secs(1);
    const MAX_ATTEMPTS: i32 = 2;

    async fn run(self, _: &JobContext, _: &Origin) -> Result<(), JobError> {
        RUNS.fetch_add(1, Ordering::SeqCst);
        match self {
            Self::Succeed => Ok(()),
            Self::Panic => panic!("a defect"),
            Self::Hang => std::future::pending().await,
            Self::Fail => Err(JobError::retry("not now")),
            Self::Die => Err(JobError::fatal("never")),
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    status: String,
    attempts: i32,
    due_in_s: f64,
    result: String,
}

/// Inserts a job.
async fn put<J: Job>(world: &World, name: &str, job: J) {
    let event = Event::EmailVerified { user_id: UserId::new(), version: 1 };
    let (occurred_at, trace) = (world.app.clock.now(), Trace::default());
    let cause = Envelope { event_id: EventId::new(), occurred_at, trace, event };
    let job = NewJob::new(job, &cause).unwrap().with_key(name.to_owned());
    let mut sql = world.db.acquire().await.unwrap();
    enqueue(&mut sql, &[job]).await.unwrap();
}

/// Waits until a job is in a state.
async fn job(world: &World, name: &str, status: &str) -> Row {
    until(&format!("{name} is {status}"), async || {
        let row: Row = sqlx::query_as(
            "select status, attempts, extract(epoch from run_at - now())::float8 as due_in_s,
                    coalesce(last_result::text, '') as result
             from apalis.jobs where idempotency_key = $1",
        )
        .bind(name)
        .fetch_one(&world.db)
        .await
        .unwrap();
        (row.status == status).then_some(row)
    })
    .await
}

/// Works on a queue, as a worker does.
fn start<J: Job>(world: &World, tasks: &mut JoinSet<()>, stop: &CancellationToken) {
    let context = JobContext::new(world.app.clone()).unwrap();
    let mut queues = Queues::new(context, stop.clone());
    queues.start::<J>();
    tasks.spawn(queues.run());
}

/// One test, because it counts runs: no job runs more often than it should or delays another.
#[tokio::test(flavor = "multi_thread")]
async fn panics_and_time_outs_are_retried_later() {
    let world = World::with(Options::default().without_worker()).await;
    let stop = CancellationToken::new();
    let mut queue = JoinSet::new();
    start::<Trial>(&world, &mut queue, &stop);

    for (name, trial) in [
        ("panic", Trial::Panic),
        ("hang", Trial::Hang),
        ("fail", Trial::Fail),
        ("die", Trial::Die),
        ("good", Trial::Succeed),
    ] {
        put(&world, name, trial).await;
    }

    job(&world, "good", "Done").await;
    for (name, reason) in
        [("panic", "panicked: a defect"), ("hang", "took longer than 1 s"), ("fail", "not now")]
    {
        let row = job(&world, name, "Failed").await;
        assert_eq!(row.attempts, 1, "{name}: {row:?}");
        assert!((0.0..=10.0).contains(&row.due_in_s), "{name}: {row:?}");
        assert!(row.result.contains(reason), "{name}: {row:?}");
    }
    let dead = job(&world, "die", "Killed").await;
    assert!(dead.result.contains("never"), "{dead:?}");
    // The queue has been polled since, and left alone what is not due.
    put(&world, "good too", Trial::Succeed).await;
    job(&world, "good too", "Done").await;
    assert_eq!(RUNS.load(Ordering::SeqCst), 6, "one for each");

    world.retry_now().await;
    for name in ["panic", "hang", "fail"] {
        let row = job(&world, name, "Killed").await;
        assert_eq!(row.attempts, 2, "{name}: two attempts, no more: {row:?}");
    }
    assert_eq!(RUNS.load(Ordering::SeqCst), 9);
    stop.cancel();
    queue.join_all().await;
}

/// A long job runs until the gate opens.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Task {
    Long,
    Short,
}

static GATE: Semaphore = Semaphore::const_new(0);

impl Job for Task {
    const QUEUE: &'static str = "task";

    async fn run(self, _: &JobContext, _: &Origin) -> Result<(), JobError> {
        match self {
            Self::Long => GATE.acquire().await.map(drop).map_err(JobError::fatal),
            Self::Short => Ok(()),
        }
    }
}

/// A job of another queue.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Neighbour;

impl Job for Neighbour {
    const QUEUE: &'static str = "neighbour";

    async fn run(self, _: &JobContext, _: &Origin) -> Result<(), JobError> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_jobs_delay_no_others() {
    let world = World::with(Options::default().without_worker()).await;
    let stop = CancellationToken::new();
    let mut queues = JoinSet::new();
    start::<Task>(&world, &mut queues, &stop);
    start::<Neighbour>(&world, &mut queues, &stop);
    let long: Vec<String> = (1..Task::CONCURRENCY).map(|nth| format!("long {nth}")).collect();
    for name in &long {
        put(&world, name, Task::Long).await;
    }
    for name in &long {
        job(&world, name, "Running").await;
    }

    let short: Vec<String> = (0..30).map(|nth| format!("short {nth}")).collect();
    for name in &short {
        put(&world, name, Task::Short).await;
    }
    put(&world, "neighbour", Neighbour).await;

    for name in &short {
        job(&world, name, "Done").await;
    }
    job(&world, "neighbour", "Done").await;
    for name in &long {
        job(&world, name, "Running").await;
    }
    GATE.add_permits(1);
    for name in &long {
        assert_eq!(job(&world, name, "Done").await.attempts, 1);
    }
    stop.cancel();
    queues.join_all().await;
}

/// Rows that were read through the indexes of jobs so far.
async fn rows_read(pool: &Pool) -> i64 {
    let mut connection = pool.acquire().await.unwrap();
    // Each connection counts by itself, and adds its numbers when it is idle.
    let flush = sqlx::query_scalar("select pg_stat_force_next_flush()::text");
    let _: String = flush.fetch_one(&mut *connection).await.unwrap();
    let sql = "select sum(idx_tup_read)::bigint from pg_stat_user_indexes where relname = 'jobs'";
    sqlx::query_scalar(sql).fetch_one(&mut *connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn poll_reads_no_open_jobs_of_other_kinds() {
    let world = World::with(Options::default().without_worker()).await;
    world
        .sql(
            "insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, metadata)
             select 'job-' || n, 'email', '', 'Done', 1, 40, hstore('kind', 'busy')
             from generate_series(1, 5000) as n",
        )
        .await;
    world.sql("analyze apalis.jobs").await;
    // As after an outage: the statistics know no open job.
    world.sql("update apalis.jobs set status = 'Pending', attempts = 0").await;
    let before = rows_read(&world.app.read).await;

    let (_, due) = poll(&world.app.read, &["idle", "idler", "idlest"]).await.unwrap();

    assert_eq!(due, [""; 0]);
    let read = rows_read(&world.app.read).await - before;
    assert!(read < 100, "{read} rows");
}
