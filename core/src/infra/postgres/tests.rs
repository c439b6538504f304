#![expect(clippy::disallowed_methods, reason = "tests run SQL of their own")]

use std::time::Duration;

use sqlx::{Executor as _, PgPool, postgres::PgConnectOptions};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};

use super::Pool;
use crate::infra::readiness::with_session_settings;

/// The server of the tests.
fn options() -> PgConnectOptions {
    let url = std::env::var("KEYWARD_TEST_DATABASE_URL").expect(
        "KEYWARD_TEST_DATABASE_URL is not set: run `make test`, or put `keyward-stack run --` \
         before your command",
    );
    url.parse().unwrap()
}

/// The same server behind a proxy that accepts connections one after the other, each after a delay.
async fn slow(delay: Duration) -> (PgConnectOptions, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = (options().get_host().to_owned(), options().get_port());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            sleep(delay).await;
            let mut upstream = TcpStream::connect(server.clone()).await.unwrap();
            connections.spawn(async move { copy_bidirectional(&mut client, &mut upstream).await });
        }
    });
    (options().host("127.0.0.1").port(address.port()), tasks)
}

async fn backend(pool: &Pool) -> sqlx::Result<i32> {
    sqlx::query_scalar("select pg_backend_pid()").fetch_one(pool).await
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_caller_leaves_its_connection_to_the_next() {
    let (options, _proxy) = slow(Duration::from_millis(800)).await;
    let pool = Pool::new(options, 4);
    let impatient = timeout(Duration::from_millis(500), backend(&pool)).await;
    assert!(impatient.is_err(), "{impatient:?}");

    let next = timeout(Duration::from_millis(700), backend(&pool)).await;

    assert!(next.is_ok_and(|answer| answer.is_ok()), "its connection was opened in 800 ms");
    assert_eq!(pool.size(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_callers_share_the_first_connections() {
    let (options, _proxy) = slow(Duration::from_millis(300)).await;
    let pool = Pool::new(options, 20);

    let mut callers = JoinSet::new();
    for _ in 0..20 {
        let pool = pool.clone();
        callers.spawn(async move { backend(&pool).await });
    }

    assert!(callers.join_all().await.iter().all(Result::is_ok));
    assert!(pool.size() <= 4, "{} connections", pool.size());
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_connection_is_replaced() {
    let pool = Pool::new(options(), 1);
    let lost = backend(&pool).await.unwrap();
    let admin = PgPool::connect_with(options()).await.unwrap();
    let end = sqlx::query_scalar("select pg_terminate_backend($1, 5000)").bind(lost);
    let has_ended: bool = end.fetch_one(&admin).await.unwrap();
    assert!(has_ended);

    let answers = [backend(&pool).await, backend(&pool).await];

    assert!(answers.into_iter().all(|answer| answer.unwrap() != lost));
    assert_eq!(pool.size(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn dropped_transaction_is_rolled_back() {
    let pool = Pool::new(options(), 1);
    let mut transaction = pool.begin().await.unwrap();
    transaction.execute("create table dropped_transaction ()").await.unwrap();

    // In the middle of a statement.
    let sleeping = transaction.execute("select pg_sleep(0.3)");
    assert!(timeout(Duration::from_millis(50), sleeping).await.is_err());
    drop(transaction);

    let exists = sqlx::query_scalar("select to_regclass('dropped_transaction') is not null");
    let exists: bool = exists.fetch_one(&pool).await.unwrap();
    assert!(!exists);
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_transaction_that_waits_for_a_lock_frees_its_own() {
    const LOCK: &str = "select pg_advisory_xact_lock($1)";
    let pool = Pool::new(with_session_settings(options()), 3);
    let [mut other, mut waiting, mut next] =
        [pool.begin().await, pool.begin().await, pool.begin().await].map(Result::unwrap);
    let id = i64::from(std::process::id());
    sqlx::query(LOCK).bind(-id).execute(&mut *other).await.unwrap();
    sqlx::query(LOCK).bind(id).execute(&mut *waiting).await.unwrap();
    let wait = sqlx::query(LOCK).bind(-id).execute(&mut *waiting);
    assert!(timeout(Duration::from_millis(50), wait).await.is_err());
    drop(waiting);

    let lock = sqlx::query(LOCK).bind(id).execute(&mut *next);

    assert!(timeout(Duration::from_secs(15), lock).await.is_ok_and(|locked| locked.is_ok()));
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_learn_why_no_connection_is_opened() {
    let pool = Pool::new(options().password("wrong"), 1);

    let error = backend(&pool).await.unwrap_err().to_string();

    assert!(error.contains("password authentication failed"), "{error}");
    assert_eq!(pool.num_idle(), 0);
}
