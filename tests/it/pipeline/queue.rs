use keyward_tests::{Options, World, until};
use serde_json::{Value, json};
use uuid::Uuid;

const QUEUE: &str = "email";

async fn insert_job(world: &World, key: &str, payload: &[u8]) {
    sqlx::query(
        "insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at,
                                  priority, idempotency_key)
         values (apalis.generate_ulid(), $1, $2, 'Pending', 0, 40, now(), 0, $3)",
    )
    .bind(QUEUE)
    .bind(payload)
    .bind(key)
    .execute(&world.db)
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_job_ends_dead_and_the_queue_continues() {
    let world = World::new().await;
    insert_job(&world, "other shape", br#"{"job": {"mail": 7}}"#).await;
    insert_job(&world, "no job at all", b"null").await;

    let ada = world.register("ada").await;

    world.nth_mail(&ada.email, "Confirm", 1).await;
    let dead = async || {
        let states: Vec<String> = sqlx::query_scalar(
            "select status from apalis.jobs
             where idempotency_key in ('other shape', 'no job at all')",
        )
        .fetch_all(&world.db)
        .await
        .unwrap();
        (states == ["Killed", "Killed"]).then_some(())
    };
    until("both are dead", dead).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_a_later_release_wait_until_a_release_knows_them() {
    let world = World::new().await;
    let of_later_releases = [
        ("email", json!({"kind": "from_the_future", "mail_id": Uuid::now_v7()})),
        ("email", json!({"kind": "verification", "mail_id": Uuid::now_v7(), "locale": "de-CH"})),
        ("cache-invalidation", json!({"event": {"type": "user.from_the_future", "data": {}}})),
    ];
    for (queue, job) in of_later_releases {
        sqlx::query(
            "insert into apalis.jobs (id, job_type, job, max_attempts, run_at, idempotency_key)
             values (apalis.generate_ulid(), $1, convert_to($2::text, 'UTF8'), 40, now(), $2)",
        )
        .bind(queue)
        .bind(envelope(&job).to_string())
        .execute(&world.db)
        .await
        .unwrap();
    }

    let ada = world.register("ada").await;

    world.nth_mail(&ada.email, "Confirm", 1).await;
    let waits =
        "apalis.jobs where metadata ? 'postponed_at' and status <> 'Killed' and attempts = 0";
    until("they wait", async || (world.count(waits).await == 3).then_some(())).await;
    assert_eq!(world.count("job_attempts").await, 0);

    // As if this release knew them.
    let known = json!({"kind": "verification", "mail_id": Uuid::now_v7()});
    let event = json!({"event": {"type": "user.profile_changed",
                                 "data": {"user_id": Uuid::now_v7(), "version": 1}}});
    for (queue, job) in [("email", known), ("cache-invalidation", event)] {
        world
            .sql(&format!(
                "update apalis.jobs set job = convert_to('{}', 'UTF8')
                 where job_type = '{queue}' and status <> 'Done'",
                envelope(&job)
            ))
            .await;
    }

    world.settle().await;
}

/// The payload of a job.
fn envelope(job: &Value) -> Value {
    json!({
        "job": job,
        "event_id": Uuid::now_v7(),
        "trace": {"request_id": "", "traceparent": ""},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn housekeeping_removes_only_old_completed_rows() {
    let mut world = World::with(Options::default().without_worker()).await;
    sqlx::raw_sql(
        "insert into outbox (event_id, subject, envelope, occurred_at)
         select gen_random_uuid(), name, '{}', now() - age
         from (values ('old', interval '8 days'), ('young', interval '6 days')) as t (name, age);
         insert into apalis.workers (id, worker_type, storage_name, last_seen)
         values ('gone', 'q', 's', now() - interval '2 hours'),
                ('gone with work', 'q', 's', now() - interval '2 hours'),
                ('gone with its work done', 'q', 's', now() - interval '2 hours'),
                ('here', 'q', 's', now());
         insert into apalis.jobs (id, job_type, job, status, run_at, done_at, lock_by)
         values ('00 old done', 'q', '', 'Done', now(), now() - interval '8 days', null),
                ('00 young done', 'q', '', 'Done', now(), now() - interval '6 days', null),
                ('00 old dead', 'q', '', 'Killed', now(), now() - interval '8 days', null),
                ('00 old failed', 'q', '', 'Failed', now(), now() - interval '8 days', null),
                ('finished', 'q', '', 'Done', now(), now(), 'gone with its work done'),
                ('running', 'q', '', 'Running', now(), null, 'gone with work');
         insert into job_attempts (job_id, kind, attempt, failed_at, run_ms, error, error_class)
         select job, 'q', 1, now() - interval '8 days', 1, 'x', 'x'
         from (values ('00 old done'), ('00 old dead')) as t (job);
         insert into queue_minutes (kind, minute, run_times, latencies)
         select 'q', now() - age, '{}', '{}'
         from (values (interval '8 days'), (interval '6 days')) as t (age);",
    )
    .execute(&world.db)
    .await
    .unwrap();

    world.start_worker().await;

    let rows = async |sql| -> Vec<String> {
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&world.db).await.unwrap()
    };
    // Workers are removed last.
    until("old rows are removed", async || {
        let gone = rows("select id from apalis.workers where id = 'gone'").await;
        gone.is_empty().then_some(())
    })
    .await;
    let events = "select subject from outbox where subject in ('old', 'young')";
    assert_eq!(rows(events).await, ["young"]);
    let jobs = "select id from apalis.jobs where job_type = 'q' order by id";
    assert_eq!(
        rows(jobs).await,
        ["00 old dead", "00 old failed", "00 young done", "finished", "running"]
    );
    assert_eq!(rows("select job_id from job_attempts").await, ["00 old dead"]);
    assert_eq!(world.count("queue_minutes where kind = 'q'").await, 1);
    let workers = "select id from apalis.workers where worker_type = 'q' order by id";
    assert_eq!(rows(workers).await, ["gone with work", "here"]);
}
