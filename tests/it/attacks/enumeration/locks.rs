use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use keyward_tests::{Options, Reply, World, registration, until};
use serde_json::json;

/// Number of concurrent requests.
const REQUESTS: usize = 20;

/// Sends concurrent requests for one address while the links table is locked. Returns the Postgres
/// locks that they wait for, by name, with the number of requests that wait for each.
async fn queue(
    world: &World,
    email: &str,
    status: u16,
    send: &impl AsyncFn(&World, String) -> Reply,
) -> BTreeMap<String, i64> {
    let mut busy = world.db.begin().await.unwrap();
    sqlx::query("lock table links in exclusive mode").execute(&mut *busy).await.unwrap();
    let all_wait = async || {
        let waits: Vec<(String, i64)> = sqlx::query_as(
            "select wait_event, count(*) from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock' group by wait_event",
        )
        .fetch_all(&world.db)
        .await
        .unwrap();
        let all: i64 = waits.iter().map(|(_, count)| count).sum();
        (all == REQUESTS as i64).then(|| waits.into_iter().collect())
    };
    let watch = async {
        let waits = until("all requests wait", all_wait).await;
        busy.rollback().await.unwrap();
        waits
    };
    let requests = join_all((0..REQUESTS).map(|_| send(world, email.to_owned())));
    let (waits, replies) = futures_util::future::join(watch, requests).await;
    for reply in replies {
        reply.expect(status);
    }
    waits
}

/// Fails if requests for one kind of address wait differently from those for another kind.
async fn assert_alike(world: &World, status: u16, send: impl AsyncFn(&World, String) -> Reply) {
    let (known, unverified) = (world.register("ada").await, world.register("bobby").await);
    let disabled = world.register("daniel").await;
    world.sql("update users set email_verified_at = now() where display_name <> 'bobby'").await;
    world.disable(&disabled).await;

    let unknown = queue(world, "unknown@example.org", status, &send).await;

    for account in [known, unverified, disabled] {
        let waits = queue(world, &account.email, status, &send).await;
        assert_eq!(waits, unknown, "{}", account.email);
    }
}

async fn world() -> World {
    World::with(Options::burst().without_worker()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_resets_wait_alike_for_every_address() {
    let world = world().await;

    let send = async |world: &World, email: String| world.request_reset(&email).await;
    assert_alike(&world, 202, send).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_resends_wait_alike_for_every_address() {
    let world = world().await;

    let send = async |world: &World, email: String| {
        world.post("/v1/email-verifications", json!({"email": email})).await
    };
    assert_alike(&world, 202, send).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_registrations_wait_alike_for_every_address() {
    let world = world().await;

    let send = async |world: &World, email: String| {
        let body = registration(&email);
        world.post("/v1/users", body).await
    };
    assert_alike(&world, 202, send).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_email_changes_wait_alike_for_every_address() {
    let world = world().await;
    // One request per account: requests of one account wait for its row.
    let mut eves = Vec::new();
    for nth in 0..REQUESTS {
        let eve = world.register(&format!("eve{nth}")).await;
        world.sql("update users set email_verified_at = now()").await;
        eves.push((world.log_in(&eve).await.access, eve));
    }
    let next = AtomicUsize::new(0);

    let send = async |world: &World, email: String| {
        let (access, eve) = &eves[next.fetch_add(1, Ordering::Relaxed) % REQUESTS];
        world.request_email_change(access, eve, &email).await
    };
    assert_alike(&world, 202, send).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_codes_wait_alike_for_every_address() {
    let world = world().await;

    let send = async |world: &World, email: String| {
        let body = json!({"email": email, "code": "BBBB-BBBB"});
        world.post("/v1/email-verifications/confirm", body).await
    };
    assert_alike(&world, 400, send).await;
}
