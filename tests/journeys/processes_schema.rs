//! Processes on a database that is not ready for them.

use std::time::{Duration, Instant};

use keyward_tests::{Cluster, Program, until};
use sqlx::{AssertSqlSafe, Executor as _, PgPool};

/// Creates a database, and makes it that of the processes that start from now on.
async fn create_database(cluster: &mut Cluster, name: &str, options: &str) -> PgPool {
    let statement = format!("create database {name} {options} template template0");
    cluster.db.execute(AssertSqlSafe(statement)).await.unwrap();
    let mut url: url::Url = cluster.setting("DATABASE_URL").parse().unwrap();
    url.set_path(name);
    cluster.set("DATABASE_URL", url.as_str());
    PgPool::connect(url.as_str()).await.unwrap()
}

async fn run_migrate(cluster: &Cluster, args: &[&str]) -> (bool, String) {
    cluster.run("migrate", args).await
}

/// Waits until both say why they are not ready.
async fn expect_unready(cluster: &Cluster, worker: &Program, code: &str, text: &str) {
    until(&format!("the API reports {code}"), async || {
        let ready = cluster.client.get(format!("{}/health/ready", cluster.url));
        let ready = ready.send().await.ok()?;
        let is_unready = ready.status().as_u16() == 503;
        let body: serde_json::Value = ready.json().await.ok()?;
        (is_unready && body["reason"] == code && body["status"] == text).then_some(())
    })
    .await;
    cluster.get("/health/live").await.expect(200);
    until(&format!("the worker reports {code}"), async || {
        let ready = cluster.client.get(format!("{}/health/ready", worker.ops));
        let ready = ready.send().await.ok()?;
        let is_unready = ready.status().as_u16() == 503;
        (is_unready && ready.text().await.ok()? == format!("{text}\n")).then_some(())
    })
    .await;
}

async fn expect_ready(cluster: &Cluster, worker: &Program) {
    for url in [&cluster.url, &worker.ops] {
        until("the process is ready", async || {
            let ready = cluster.client.get(format!("{url}/health/ready")).send().await.ok()?;
            ready.status().is_success().then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_started_before_migrate_work_within_15_seconds_after_it() {
    let mut cluster = Cluster::new().await;
    let db = create_database(&mut cluster, "late", "").await;
    let (_api, worker) = cluster.launch_both();
    expect_unready(&cluster, &worker, "schema_missing", "the schema is missing: run migrate").await;
    assert_eq!(
        run_migrate(&cluster, &["--check"]).await,
        (false, "the schema is missing\n".into())
    );

    let (succeeded, output) = run_migrate(&cluster, &[]).await;
    assert!(succeeded, "{output}");
    let migrated_at = Instant::now();

    expect_ready(&cluster, &worker).await;
    let ada = cluster.register("ada").await;
    cluster.nth_mail(&ada.email, "Confirm", 1).await;
    assert!(migrated_at.elapsed() < Duration::from_secs(15), "{:?}", migrated_at.elapsed());
    db.close().await;
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn migration_of_the_next_release_interrupts_no_process() {
    let (cluster, _api, worker) = Cluster::running().await;
    let ada = cluster.register("ada").await;
    cluster.nth_mail(&ada.email, "Confirm", 1).await;

    for statement in [
        "alter table apalis.jobs add column later text",
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (30000101000001, 'additive', true, '', 0)",
    ] {
        cluster.db.execute(statement).await.unwrap();
    }
    let changed_at = Instant::now();

    let bob = cluster.register("bob").await;
    cluster.nth_mail(&bob.email, "Confirm", 1).await;
    assert!(changed_at.elapsed() < Duration::from_secs(15), "{:?}", changed_at.elapsed());
    expect_ready(&cluster, &worker).await;
    let check = run_migrate(&cluster, &["--check"]).await;
    assert_eq!(check, (false, "the schema is newer than this release by 1 migration(s)\n".into()));
    let (succeeded, output) = run_migrate(&cluster, &[]).await;
    assert!(succeeded, "a newer schema stays as it is: {output}");
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn older_and_incompatible_schemas_are_reported() {
    let (cluster, _api, worker) = Cluster::running().await;
    assert_eq!(
        run_migrate(&cluster, &["--check"]).await,
        (true, "the schema is that of this release\n".into())
    );
    let change = async |statement: &'static str| {
        cluster.db.execute(statement).await.unwrap();
    };

    change("create table kept as select * from _sqlx_migrations order by version desc limit 1")
        .await;
    change("delete from _sqlx_migrations where version in (select version from kept)").await;
    let older = "the schema is older than this release: run migrate";
    expect_unready(&cluster, &worker, "schema_older", older).await;
    assert_eq!(
        run_migrate(&cluster, &["--check"]).await,
        (false, "the schema is older than this release by 1 migration(s)\n".into())
    );

    change("insert into _sqlx_migrations select * from kept").await;
    expect_ready(&cluster, &worker).await;
    change(
        "insert into _sqlx_migrations select 30000101000001, 'breaking change', now(), true, '', 0",
    )
    .await;
    let newer = "the schema is newer than this release supports";
    expect_unready(&cluster, &worker, "schema_newer", newer).await;
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn database_that_is_not_utf8_is_refused() {
    let mut cluster = Cluster::new().await;
    let options = "encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'";
    let db = create_database(&mut cluster, "latin", options).await;

    let (succeeded, output) = run_migrate(&cluster, &[]).await;
    assert!(!succeeded && output.contains("LATIN1, but Keyward needs UTF8"), "{output}");
    let (_api, worker) = cluster.launch_both();
    let text = "the encoding of the database is not UTF8";
    expect_unready(&cluster, &worker, "database_encoding", text).await;
    db.close().await;
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn defaults_of_database_and_role_do_not_matter() {
    let mut cluster = Cluster::new().await;
    let db = create_database(&mut cluster, "odd", "").await;
    // One session: the defaults concern the next ones.
    let mut sql = db.acquire().await.unwrap();
    for statement in [
        "create schema keyward",
        "alter database odd set search_path = nowhere",
        "alter database odd set default_transaction_isolation = 'serializable'",
        "alter database odd set default_transaction_read_only = on",
        "alter database odd set timezone = 'Asia/Tokyo'",
        "alter database odd set datestyle = 'German'",
        "alter database odd set standard_conforming_strings = off",
        "alter database odd set statement_timeout = '1ms'",
        "alter database odd set lock_timeout = '1ms'",
    ] {
        sql.execute(statement).await.unwrap();
    }
    drop(sql);

    let (succeeded, output) = run_migrate(&cluster, &[]).await;
    assert!(succeeded, "{output}");
    let (_api, worker) = cluster.launch_both();
    expect_ready(&cluster, &worker).await;

    let ada = cluster.account("ada").await;
    let (token, _) = cluster.log_in(&ada).await;
    let me = cluster.me(&token).await.expect(200).json();
    assert!(me["created_at"].as_str().unwrap().ends_with('Z'), "{me}");
    db.close().await;
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn role_that_may_not_create_tables_is_named_by_migrate() {
    let mut cluster = Cluster::new().await;
    let db = create_database(&mut cluster, "guarded", "").await;
    db.execute("create role guest login password 'guest'").await.unwrap();
    let mut url: url::Url = cluster.setting("DATABASE_URL").parse().unwrap();
    url.set_username("guest").unwrap();
    url.set_password(Some("guest")).unwrap();
    cluster.set("DATABASE_URL", url.as_str());

    let (succeeded, output) = run_migrate(&cluster, &[]).await;
    assert!(!succeeded && output.contains("permission denied"), "{output}");
    let (_api, worker) = cluster.launch_both();
    expect_unready(&cluster, &worker, "schema_missing", "the schema is missing: run migrate").await;
    db.close().await;
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn migrate_has_help_and_refuses_unknown_arguments() {
    let cluster = Cluster::new().await;

    let (succeeded, output) = run_migrate(&cluster, &["--help"]).await;
    assert!(succeeded && output.contains("--check"), "{output}");
    for args in [&["foo"][..], &["--force"]] {
        let (succeeded, output) = run_migrate(&cluster, args).await;
        assert!(!succeeded && output.contains(args[0]), "{output}");
    }
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn migrate_changes_nothing_if_any_setting_is_invalid() {
    let mut cluster = Cluster::new().await;
    let db = create_database(&mut cluster, "unchanged", "").await;
    cluster.set("NATS_URL", "nats");
    cluster.set("RATE_LIMT_ENABLED", "false");

    let (succeeded, output) = run_migrate(&cluster, &[]).await;
    assert!(!succeeded, "{output}");
    assert!(output.contains("NATS_URL: is not a URL like nats://host:port"), "{output}");
    assert!(output.contains("did you mean RATE_LIMIT_ENABLED?"), "{output}");
    let tables = "select count(*) from pg_tables where schemaname !~ '^(pg_|information_schema)'";
    let tables: i64 = sqlx::query_scalar(tables).fetch_one(&db).await.unwrap();
    assert_eq!(tables, 0);
    db.close().await;
    cluster.clear().await;
}
