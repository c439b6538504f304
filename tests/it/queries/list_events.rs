use keyward_core::pipeline::outbox::partitions;
use keyward_tests::{Options, World, until};
use serde_json::{Value, json};
use sqlx::{Executor as _, PgConnection, Postgres, Transaction};
use uuid::Uuid;

/// A world without a worker, and an administrator.
async fn world() -> (World, String) {
    let world = World::with(Options::default().without_worker()).await;
    let root = world.administrator_without_mail("root").await;
    (world, root)
}

/// Reads the log from a cursor.
async fn read(world: &World, root: &str, after: Option<&str>) -> (Vec<String>, String) {
    let after = after.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
    let reply = world.get_as(root, &format!("/v1/events?limit=100{after}")).await;
    let reply = reply.expect(200);
    let ids = reply.items().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    (ids, reply.json()["next_cursor"].as_str().unwrap().to_owned())
}

/// Reads the whole log and returns the last cursor. Waits, because transactions of other tests can
/// delay the log.
async fn read_all(world: &World, root: &str) -> String {
    let written: Vec<Uuid> =
        sqlx::query_scalar("select event_id from outbox").fetch_all(&world.db).await.unwrap();
    until("the log shows every event", async || {
        let (shown, cursor) = read(world, root, None).await;
        (shown.len() == written.len()).then_some(cursor)
    })
    .await
}

/// Inserts an event as a command does.
async fn write(sql: &mut PgConnection) -> String {
    let id = Uuid::now_v7();
    sqlx::query(
        "insert into outbox (event_id, subject, occurred_at, envelope)
         values ($1, 'link.request_ignored', now(), '{\"data\": {}}')",
    )
    .bind(id)
    .execute(sql)
    .await
    .unwrap();
    id.to_string()
}

/// A transaction that has its transaction id.
async fn begin(world: &World) -> Transaction<'static, Postgres> {
    let mut tx = world.db.begin().await.unwrap();
    tx.execute("select pg_current_xact_id()").await.unwrap();
    tx
}

/// Reads from a cursor until `count` events have appeared, and advances the cursor.
async fn follow(world: &World, root: &str, cursor: &mut String, count: usize) -> Vec<String> {
    let mut seen = Vec::new();
    until("the log shows the new events", async || {
        let (ids, next) = read(world, root, Some(cursor)).await;
        seen.extend(ids);
        *cursor = next;
        (seen.len() >= count).then_some(())
    })
    .await;
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn reader_misses_no_event_that_commits_out_of_order() {
    let (world, root) = world().await;
    let mut cursor = read_all(&world, &root).await;

    // The older transaction draws the later position and commits first.
    let mut older = begin(&world).await;
    let mut younger = begin(&world).await;
    let late = write(&mut younger).await;
    let early = write(&mut older).await;
    older.commit().await.unwrap();
    assert_eq!(follow(&world, &root, &mut cursor, 1).await, [early]);
    younger.commit().await.unwrap();

    assert_eq!(follow(&world, &root, &mut cursor, 1).await, [late]);
}

#[tokio::test(flavor = "multi_thread")]
async fn event_is_withheld_while_an_older_transaction_runs() {
    let (world, root) = world().await;
    let cursor = read_all(&world, &root).await;
    let mut older = begin(&world).await;
    let first = write(&mut older).await;
    let mut younger = begin(&world).await;
    let second = write(&mut younger).await;
    younger.commit().await.unwrap();

    let (seen, mut cursor) = read(&world, &root, Some(&cursor)).await;

    assert_eq!(
        seen,
        Vec::<String>::new(),
        "the older transaction may still insert an earlier event"
    );
    older.commit().await.unwrap();
    assert_eq!(follow(&world, &root, &mut cursor, 2).await, [first, second]);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_is_oldest_first_and_always_has_a_next_cursor() {
    let (world, root) = world().await;
    let end = read_all(&world, &root).await;

    let first = world.get_as(&root, "/v1/events?limit=1").await.expect(200);
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
    let second = world.get_as(&root, &format!("/v1/events?limit=1&cursor={cursor}")).await;
    let nothing = world.get_as(&root, &format!("/v1/events?cursor={end}")).await.expect(200);

    let item = &first.json()["items"][0];
    let mut members: Vec<&String> = item.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["data", "id", "occurred_at", "type", "user_id"], "no trace");
    assert_eq!(item["type"], "user.registered");
    assert_eq!(item["user_id"], json!(world.user_id("root@example.org").await));
    assert!(item["occurred_at"].as_str().unwrap().ends_with('Z'));
    assert!(!first.text.contains("root@"), "{}", first.text);
    assert_eq!(first.header("link"), format!("</v1/events?limit=1&cursor={cursor}>; rel=\"next\""));
    assert_eq!(second.json()["items"][0]["type"], "session.started");
    assert_eq!(nothing.json()["items"], json!([]));
    assert!(
        nothing.json()["next_cursor"].is_string() && nothing.header("link").contains("cursor=")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn log_filters_by_type() {
    let (world, root) = world().await;
    read_all(&world, &root).await;

    let reply = world.get_as(&root, "/v1/events?type=session.started").await.expect(200);

    let types: Vec<Value> = reply.items().iter().map(|item| item["type"].clone()).collect();
    assert_eq!(types, ["session.started"]);
    assert!(reply.header("link").contains("type=session.started&limit=20&cursor="));
    for unknown in ["user.*", "", "session.started%00", "SESSION.STARTED"] {
        let reply = world.get_as(&root, &format!("/v1/events?type={unknown}")).await;
        reply.expect_problem(400, "parameter_invalid");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cursor_before_the_retained_events_is_rejected() {
    let (world, root) = world().await;
    let beginning = world.get_as(&root, "/v1/events?limit=1").await.expect(200).json();
    let beginning = beginning["next_cursor"].as_str().unwrap();
    let end = read_all(&world, &root).await;
    world.sql("delete from outbox_pending").await;
    let mut sql = world.db.acquire().await.unwrap();
    let later = world.clock.now() + chrono::Duration::days(2);
    let mut prune = async || {
        partitions::drop_before(&mut sql, later).await.unwrap();
        partitions::prune_default(&mut world.app.write.acquire().await.unwrap(), later, 100)
            .await
            .unwrap();
    };

    prune().await;

    assert_eq!(world.count("outbox").await, 0);
    let reply = world.get_as(&root, &format!("/v1/events?cursor={beginning}")).await;
    reply.expect_problem(400, "cursor_expired");
    world.get_as(&root, &format!("/v1/events?cursor={end}")).await.expect(200);
    world.get_as(&root, "/v1/events").await.expect(200);
    // Pruning nothing keeps the position.
    prune().await;
    let reply = world.get_as(&root, &format!("/v1/events?cursor={beginning}")).await;
    reply.expect_problem(400, "cursor_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn cursor_behind_a_lost_event_is_rejected() {
    let (world, root) = world().await;
    let first = world.get_as(&root, "/v1/events?limit=1").await.expect(200).json();
    let mut kept = first["next_cursor"].as_str().unwrap().to_owned();
    let lost = read_all(&world, &root).await;

    // A backup is restored, and as many transactions follow as were lost.
    world.sql("delete from outbox where subject = 'session.started'").await;
    let mut sql = world.db.acquire().await.unwrap();
    let new = [write(&mut sql).await, write(&mut sql).await];

    let reply = world.get_as(&root, &format!("/v1/events?cursor={lost}")).await;
    reply.expect_problem(400, "cursor_expired");
    assert_eq!(follow(&world, &root, &mut kept, 2).await, new);
}

#[tokio::test(flavor = "multi_thread")]
async fn cursor_from_before_a_dump_is_rejected() {
    let (world, root) = world().await;
    let before = read_all(&world, &root).await;
    let (all, _) = read(&world, &root, None).await;

    world.sql("update outbox set transaction = '3'").await;
    let mut sql = world.db.acquire().await.unwrap();
    let new = write(&mut sql).await;

    let reply = world.get_as(&root, &format!("/v1/events?cursor={before}")).await;
    reply.expect_problem(400, "cursor_expired");
    read_all(&world, &root).await;
    assert_eq!(read(&world, &root, None).await.0, [all, vec![new]].concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_or_forged_cursor_is_rejected() {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let (world, root) = world().await;
    let ask =
        async |cursor: String| world.get_as(&root, &format!("/v1/events?cursor={cursor}")).await;

    let future = [&i64::MAX.to_be_bytes()[..], &[0; 24]].concat();
    ask(URL_SAFE_NO_PAD.encode(future)).await.expect_problem(400, "parameter_invalid");
    for forged in [
        String::new(),
        "' or 1=1 --".into(),
        Uuid::now_v7().to_string(),
        URL_SAFE_NO_PAD.encode([0xff; 32]),
        URL_SAFE_NO_PAD.encode([0; 31]),
        "A".repeat(4_000),
    ] {
        ask(forged).await.expect_problem(400, "parameter_invalid");
    }
    for limit in ["0", "101", "-1", "x"] {
        world.get_as(&root, &format!("/v1/events?limit={limit}")).await.expect(400);
    }
}
