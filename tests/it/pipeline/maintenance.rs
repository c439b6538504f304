//! Old rows disappear, and no statement reads a whole table for it.

use std::{collections::BTreeMap, time::Duration};

use chrono::{TimeDelta, Utc};
use keyward_core::{domain::EventId, pipeline::outbox::partitions};
use keyward_tests::{Options, World};
use keyward_worker::ops::maintenance;
use sqlx::PgPool;

/// Rows of each table, half of them old enough to be deleted.
const ROWS: i64 = 20_000;

/// Tables that grow with use; their rows are deleted individually.
const GROWING: [&str; 13] = [
    "outbox_default",
    "sessions",
    "links",
    "mails",
    "email_changes",
    "webhook_deliveries",
    "operator_actions",
    "dead_letters",
    "job_attempts",
    "queue_minutes",
    "jobs",
    "avatar_uploads",
    "blobs",
];

/// Inserts the rows. Ids begin with their time.
const SEED: &str = "
    create function id_at(at timestamptz) returns uuid language sql as $$
        select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0')
                || substr(md5(random()::text), 1, 20))::uuid $$;
    create table past as
        select n, case when n % 2 = 0 then now() - interval '400 days' else now() end as at
        from generate_series(1, 20000) as n;
    insert into users (user_id, email, email_key, display_name, created_at)
        select gen_random_uuid(), 'ada@example.org', 'ada@example.org', 'Ada', now();
    insert into sessions (session_id, user_id, secret, rotated_at, created_at, last_used_at,
                          expires_at, ended_at, ended_reason)
        select id_at(at), user_id, decode(repeat('00', 32), 'hex'), at, at, at, at,
               case when n % 4 = 0 then at end, case when n % 4 = 0 then 'logged_out' end
        from past, users;
    insert into links (link_id, purpose, created_at, expires_at)
        select id_at(at), 'reset_password', at, at + interval '30 minutes' from past;
    insert into mails (mail_id, kind, email, asked_at, updated_at, state)
        select id_at(at), 'verification', case when n % 4 = 0 then 'ada@example.org' end, at, at,
               case when n % 4 = 0 then 'deferred' else 'accepted' end
        from past;
    insert into email_changes (change_id, user_id, session_id, old_email, old_email_key, new_email,
                               new_email_key, asked_at)
        select id_at(at), user_id, gen_random_uuid(), '', '', '', '', at from past, users;
    insert into webhooks (webhook_id, url, description, types, created_at, updated_at)
        select gen_random_uuid(), '', '', '{}', now(), now();
    insert into webhook_deliveries (delivery_id, webhook_id, event_id, type, body, state, created_at,
                                    updated_at)
        select id_at(at), webhook_id, gen_random_uuid(), '', '',
               case when n % 4 = 0 then 'pending' else 'delivered' end, at, at
        from past, webhooks;
    insert into operator_actions (action_id, started_at, operator, via, action, target)
        select id_at(at), at, '', 'board', '', '' from past;
    insert into dead_letters (dead_letter_id, subject, payload, reason, received_at)
        select id_at(at), '', '', '', at from past;
    insert into job_attempts (job_id, kind, attempt, failed_at, run_ms, error, error_class)
        select '', '', 1, at, 1, '', '' from past;
    insert into queue_minutes (kind, minute, run_times, latencies)
        select n::text, at, '{}', '{}' from past;
    insert into apalis.jobs (id, job_type, job, status, run_at, done_at)
        select case when n % 2 = 0 then '00' else '7Z' end || n, 'q', '', 'Done', at, at from past;
    insert into outbox (event_id, subject, envelope, occurred_at)
        select overlay(gen_random_uuid()::text placing 'ff' from 1)::uuid, '', '{}', at from past
        order by at;
    insert into outbox_pending (event_id, position)
        select event_id, position from outbox where occurred_at > now() - interval '1 day';
    insert into avatar_uploads (upload_id, user_id, status, created_at, finished_at, unused_since,
                                original_key, key_512, key_256, key_64)
        select id_at(at), user_id, 'done', at, at, case when n % 2 = 0 then at end,
               '', '', '', ''
        from past, users;
    insert into blobs (key, upload_id, check_at)
        -- Long keys: Postgres scans a small table when it reads a batch of it.
        select 'avatars/' || repeat(upload_id::text, 10), upload_id, unused_since from avatar_uploads;
    drop table past;
    analyze;
";

/// Runs maintenance until nothing is left to do for some minutes.
async fn maintain(world: &World) {
    while maintenance::run(&world.app).await.unwrap() < Duration::from_secs(60) {}
}

/// Sequential scans of each table so far.
async fn scans(pool: &PgPool) -> BTreeMap<String, i64> {
    let mut connections = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        let mut connection = pool.acquire().await.unwrap();
        // Each connection counts by itself, and adds its numbers when it is idle.
        let flush = "select pg_stat_force_next_flush()";
        sqlx::query(flush).execute(&mut *connection).await.unwrap();
        connections.push(connection);
    }
    sqlx::query_as(
        "select relname::text, coalesce(seq_scan, 0) from pg_stat_user_tables
         where relname = any($1) or relname like 'outbox%'",
    )
    .bind(GROWING)
    .fetch_all(&mut *connections[0])
    .await
    .unwrap()
    .into_iter()
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn maintenance_scans_no_growing_table() {
    let world = World::with(Options::default().without_worker()).await;
    let mut sql = world.db.acquire().await.unwrap();
    sqlx::raw_sql(SEED).execute(&mut *sql).await.unwrap();
    partitions::create(&mut sql, world.clock.now()).await.unwrap();
    drop(sql);
    let before = scans(&world.db).await;

    maintain(&world).await;

    assert_eq!(scans(&world.db).await, before);
    for table in GROWING {
        let table = if table == "jobs" { "apalis.jobs" } else { table };
        assert_eq!(world.count(table).await, ROWS / 2, "{table}");
    }
    // The counters count: this statement has no index.
    let statement = "delete from sessions where user_agent is null and ip is not null";
    let before = scans(&world.db).await["sessions"];
    world.sql(statement).await;
    assert_eq!(scans(&world.db).await["sessions"], before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_days_of_events_are_dropped_unless_one_had_no_effect() {
    let world = World::with(Options::default().without_worker()).await;
    let mut sql = world.db.acquire().await.unwrap();
    let first = Utc::now() - TimeDelta::days(20);
    partitions::create(&mut sql, first).await.unwrap();
    for day in [0, 1] {
        let id = EventId::first_at(first + TimeDelta::days(day)).0;
        sqlx::query(
            "insert into outbox (event_id, subject, envelope, occurred_at) values ($1, '', '{}', $2)",
        )
        .bind(id)
        .bind(first)
        .execute(&mut *sql)
        .await
        .unwrap();
    }
    world
        .sql(
            "insert into outbox_pending (event_id, position)
             select event_id, position from outbox order by event_id desc limit 1",
        )
        .await;
    let days = "pg_inherits where inhparent = 'outbox'::regclass";
    let count = world.count(days).await;

    maintain(&world).await;

    // The first day and the empty last one are gone; three days were created.
    assert_eq!(world.count(days).await, count - 2 + 3);
    assert_eq!(world.count("outbox").await, 1);
    assert_eq!(world.count("outbox_pruned").await, 1);
    world.sql("delete from outbox_pending").await;
    maintain(&world).await;
    assert_eq!(world.count("outbox").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_worker_at_a_time_does_maintenance() {
    let world = World::with(Options::default().without_worker()).await;
    world.sql("insert into queue_minutes (kind, minute, run_times, latencies) values ('', '-infinity', '{}', '{}')").await;
    let mut other = world.db.begin().await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(x'6b6579636c65616e'::bigint)")
        .execute(&mut *other)
        .await
        .unwrap();

    maintain(&world).await;
    assert_eq!(world.count("queue_minutes").await, 1);

    other.rollback().await.unwrap();
    maintain(&world).await;
    assert_eq!(world.count("queue_minutes").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_foreign_key_has_an_index() {
    let world = World::new().await;

    // Without one, each deletion of the row that it refers to scans the table. A partial index serves
    // only if the key alone implies its condition.
    let missing: Vec<String> = sqlx::query_scalar(
        "select conrelid::regclass || '.' || attname
         from pg_constraint join pg_attribute on attrelid = conrelid and attnum = conkey[1]
         where contype = 'f' and connamespace = 'public'::regnamespace
               and not exists (
                   select from pg_index
                   where indrelid = conrelid and indkey[0] = attnum
                         and (indpred is null
                              or pg_get_expr(indpred, indrelid)
                                 = '(' || attname || ' IS NOT NULL)'))",
    )
    .fetch_all(&world.db)
    .await
    .unwrap();

    assert_eq!(missing, [""; 0]);
}
