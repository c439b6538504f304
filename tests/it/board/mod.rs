//! The operations board and the command line of operators.

mod actions;
mod audit;
mod bulk;
mod command_line;
mod guard;
mod overview;
mod search;
mod suppressions;
mod trace;

use keyward_tests::World;

const QUEUE: &str = "email";
const KIND: &str = "verification-email";

/// Runs a command of `keyward-worker`: whether all is well, and its output.
async fn run(world: &World, args: &[&str]) -> (bool, String) {
    world.keyward_worker(args).await.unwrap()
}

/// The ids of all jobs of a kind, the oldest first.
async fn ids(world: &World, kind: &str) -> Vec<String> {
    sqlx::query_scalar(
        "select id from apalis.jobs where coalesce(metadata -> 'kind', job_type) = $1 order by id",
    )
    .bind(kind)
    .fetch_all(&world.db)
    .await
    .unwrap()
}

/// Inserts unreadable jobs of a kind in a state, with an error: `dead`, `scheduled`, `available`,
/// `completed`.
async fn plant(world: &World, kind: &str, state: &str, error: &str, count: i32) {
    let (status, attempts, later) = match state {
        "dead" => ("Killed", 3, "0 s"),
        "scheduled" => ("Failed", 1, "1 h"),
        "completed" => ("Done", 1, "0 s"),
        _ => ("Pending", 0, "0 s"),
    };
    sqlx::query(
        "insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at, done_at,
                                  priority, idempotency_key, metadata)
         select apalis.generate_ulid(), case when $1 like '%-email' then 'email' else $1 end, '{}', $2, $3, 40, now() + $4::interval,
                case when $2 <> 'Pending' then now() - interval '1 minute' end, 0,
                gen_random_uuid() || '/0',
                hstore('kind', $1)
                || case when $5 <> '' then hstore(array['first_error', $5, 'last_error', $5]) else '' end
         from generate_series(1, $6)",
    )
    .bind(kind)
    .bind(status)
    .bind(attempts)
    .bind(later)
    .bind(error)
    .bind(count)
    .execute(&world.db)
    .await
    .unwrap();
}

/// The number of jobs of a kind with a status.
async fn count(world: &World, kind: &str, status: &str) -> i64 {
    sqlx::query_scalar(
        "select count(*) from apalis.jobs
         where coalesce(metadata -> 'kind', job_type) = $1 and status = $2",
    )
    .bind(kind)
    .bind(status)
    .fetch_one(&world.db)
    .await
    .unwrap()
}
