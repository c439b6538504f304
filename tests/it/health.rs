//! Readiness of the API.

use keyward_tests::{Options, World, until};

#[tokio::test(flavor = "multi_thread")]
async fn process_without_a_free_connection_is_not_ready() {
    let options = Options::default().without_worker().set("DATABASE_POOL_SIZE", "1");
    let world = World::with(options).await;
    let ready = async |status: u16| {
        let reply = world.get("/health/ready").await;
        (reply.status.as_u16() == status).then_some(reply.json())
    };

    let connection = world.app.write.acquire().await.unwrap();
    let body = until("the API is not ready", async || ready(503).await).await;
    assert_eq!(body["reason"], "postgres_unavailable");
    assert_eq!(body["status"], "postgres is unavailable");
    world.get("/health/live").await.expect(200);

    drop(connection);
    let body = until("the API is ready", async || ready(200).await).await;
    assert_eq!(body["status"], "ready");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_know_an_older_schema_are_discarded() {
    let options = Options::default().without_worker().set("DATABASE_POOL_SIZE", "1");
    let world = World::with(options).await;
    let read = async || sqlx::query("select * from widened").fetch_all(&world.app.write).await;
    let change = async |statement: &'static str| {
        sqlx::query(statement).execute(&world.db).await.unwrap();
    };
    change("create table widened (a integer)").await;
    read().await.unwrap();

    change("alter table widened add column b integer").await;
    let error = read().await.unwrap_err().to_string();
    assert!(error.contains("cached plan must not change result type"), "{error}");
    change(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (30000101000001, 'additive', true, '', 0)",
    )
    .await;

    until("a new connection is used", async || read().await.ok()).await;
}
