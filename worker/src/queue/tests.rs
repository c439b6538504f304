use std::sync::atomic::{AtomicUsize, Ordering};

use keyward_tests::{Options, World, until};
use tokio::sync::Semaphore;

use super::*;
use crate::jobs::QueuedTicket;

#[test]
fn waits_double_up_to_the_longest_with_a_quarter_of_jitter() {
    let backoff = Backoff::seconds(10, 3600);
    let waits: Vec<u64> = (1..=11).map(|n| backoff.after(n, 0.0).as_secs()).collect();
    assert_eq!(waits, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
    assert_eq!(backoff.after(1, 1.0), Duration::from_millis(7_500));
    assert_eq!(backoff.after(usize::MAX, 0.0).as_secs(), 3600);
}

#[test]
fn a_kind_of_job_may_have_steps_of_its_own() {
    let backoff = Backoff::steps(&[5, 300, 1800]);
    let waits: Vec<u64> = (1..=5).map(|n| backoff.after(n, 0.0).as_secs()).collect();
    assert_eq!(waits, [5, 300, 1800, 1800, 1800]);
    assert_eq!(backoff.after(2, 1.0), Duration::from_secs(225));
}

#[test]
fn who_is_put_off_waits_by_his_age_from_a_second_to_five_minutes() {
    let waits = [0, 40, 4_000_000].map(|age_s| backoff::by_age(Duration::from_secs(age_s), 0.0));
    assert_eq!(waits.map(|wait| wait.as_secs()), [1, 10, 300]);
    assert_eq!(backoff::by_age(Duration::ZERO, 1.0), Duration::from_millis(1_250));
}

#[test]
fn the_usual_attempts_span_more_than_a_day() {
    let least: Duration = (1..40).map(|n| Backoff::seconds(10, 3600).after(n, 1.0)).sum();
    assert!(least > Duration::from_secs(20 * 3600), "{least:?}");
}

/// What a trial job does when it is run.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Trial {
    Succeed,
    Panic,
    Hang,
    Fail,
    GiveUp,
}

static RUNS: AtomicUsize = AtomicUsize::new(0);

impl Work for Trial {
    const QUEUE: &'static str = "trial";
    const TIMEOUT: Duration = Duration::from_secs(1);
    const MAX_ATTEMPTS: i32 = 2;

    async fn run(self, _desk: &JobContext) -> Result<(), JobError> {
        RUNS.fetch_add(1, Ordering::SeqCst);
        match self {
            Self::Succeed => Ok(()),
            Self::Panic => panic!("a defect"),
            Self::Hang => std::future::pending().await,
            Self::Fail => Err(JobError::retry("not now")),
            Self::GiveUp => Err(JobError::give_up("never")),
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

/// Puts a job in.
async fn put<W: Work>(world: &World, name: &str, work: W) {
    let trace = Trace::default();
    let ticket = Ticket { work, event_id: EventId::new(), trace };
    let ticket = QueuedTicket {
        queue: W::QUEUE,
        idempotency_key: name.to_owned(),
        max_attempts: W::MAX_ATTEMPTS,
        payload: serde_json::to_vec(&ticket),
    };
    let mut sql = world.db.acquire().await.unwrap();
    enqueue(&mut sql, &[ticket]).await.unwrap();
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
fn start<W: Work>(world: &World, queues: &mut JoinSet<()>, stop: &CancellationToken) {
    let context = JobContext::new(world.app.clone()).unwrap();
    let (pauses, watching) = Pauses::keep(world.app.write.clone(), stop.clone());
    queues.spawn(watching);
    let (waker, wakes) = watch::channel(());
    let stop = stop.clone();
    queues.spawn(async move {
        run_queue::<W>(context, wakes, pauses, stop).await;
        drop(waker);
    });
}

/// One test, because it counts runs: nothing spins, nothing stands in the way of anything.
#[tokio::test(flavor = "multi_thread")]
async fn panics_and_timeouts_are_failures_that_are_tried_again_later_and_delay_nobody() {
    let world = World::with(Options::default().without_worker()).await;
    let stop = CancellationToken::new();
    let mut queue = JoinSet::new();
    start::<Trial>(&world, &mut queue, &stop);

    for (name, trial) in [
        ("panic", Trial::Panic),
        ("hang", Trial::Hang),
        ("fail", Trial::Fail),
        ("give up", Trial::GiveUp),
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
    let dead = job(&world, "give up", "Killed").await;
    assert!(dead.result.contains("never"), "{dead:?}");
    // The queue has looked for jobs since, and left alone what is not due.
    put(&world, "good too", Trial::Succeed).await;
    job(&world, "good too", "Done").await;
    assert_eq!(RUNS.load(Ordering::SeqCst), 6, "one for each");

    world.retry_now().await;
    for name in ["panic", "hang", "fail"] {
        let row = job(&world, name, "Killed").await;
        assert_eq!(row.attempts, 2, "{name}: the last attempt was the last: {row:?}");
    }
    assert_eq!(RUNS.load(Ordering::SeqCst), 9);
    stop.cancel();
    queue.join_all().await;
}

/// Those that take long are at it until somebody opens the gate.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Task {
    Long,
    Short,
}

static GATE: Semaphore = Semaphore::const_new(0);

impl Work for Task {
    const QUEUE: &'static str = "task";

    async fn run(self, _desk: &JobContext) -> Result<(), JobError> {
        match self {
            Self::Long => GATE.acquire().await.map(drop).map_err(JobError::give_up),
            Self::Short => Ok(()),
        }
    }
}

/// A job of another queue.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Neighbour;

impl Work for Neighbour {
    const QUEUE: &'static str = "neighbour";

    async fn run(self, _desk: &JobContext) -> Result<(), JobError> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_take_long_delay_no_others_of_their_queue_and_none_of_another() {
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
