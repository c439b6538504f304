//! The operations board and its command line: what they show and do, and who has access.

mod acts;
mod audit;
mod bulk;
mod command_line;
mod guard;
mod overview;
mod search;
mod story;

use keyward_tests::World;

const QUEUE: &str = "verification-email";

/// Runs a command of `keyward-worker`. Returns whether it succeeded and what it printed.
async fn run(world: &World, args: &[&str]) -> (bool, String) {
    world.keyward_worker(args).await.unwrap()
}

/// The ids of all jobs of a queue, oldest first.
async fn ids(world: &World, queue: &str) -> Vec<String> {
    sqlx::query_scalar("select id from apalis.jobs where job_type = $1 order by id")
        .bind(queue)
        .fetch_all(&world.db)
        .await
        .unwrap()
}

/// Inserts unreadable jobs into a queue, in a state (`dead`, `scheduled`, `waiting`, `done`) and with
/// an error.
async fn plant(world: &World, queue: &str, state: &str, error: &str, count: i32) {
    let (status, attempts, later) = match state {
        "dead" => ("Killed", 3, "0 s"),
        "scheduled" => ("Failed", 1, "1 h"),
        "done" => ("Done", 1, "0 s"),
        _ => ("Pending", 0, "0 s"),
    };
    sqlx::query(
        "insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at, done_at,
                                  priority, idempotency_key, metadata)
         select apalis.generate_ulid(), $1, '{}', $2, $3, 40, now() + $4::interval,
                case when $2 <> 'Pending' then now() - interval '1 minute' end, 0,
                gen_random_uuid() || '/0',
                case when $5 <> '' then hstore(array['first_error', $5, 'last_error', $5]) end
         from generate_series(1, $6)",
    )
    .bind(queue)
    .bind(status)
    .bind(attempts)
    .bind(later)
    .bind(error)
    .bind(count)
    .execute(&world.db)
    .await
    .unwrap();
}

/// The number of jobs of a queue with a status.
async fn count(world: &World, queue: &str, status: &str) -> i64 {
    sqlx::query_scalar("select count(*) from apalis.jobs where job_type = $1 and status = $2")
        .bind(queue)
        .bind(status)
        .fetch_one(&world.db)
        .await
        .unwrap()
}
