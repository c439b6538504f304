use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use keyward_tests::{Options, Reply, World, until};
use serde_json::json;

/// Requests that come at once.
const CROWD: usize = 20;

/// Sends many requests for one address at once, while nobody can write a link, and says what they
/// wait for: the locks of Postgres by name, and how many requests wait for each.
async fn queue(
    world: &World,
    email: &str,
    status: u16,
    send: &impl AsyncFn(&World, String) -> Reply,
) -> BTreeMap<String, i64> {
    let mut busy = world.db.begin().await.unwrap();
    sqlx::query("lock table links in exclusive mode").execute(&mut *busy).await.unwrap();
    let everybody_waits = async || {
        let waits: Vec<(String, i64)> = sqlx::query_as(
            "select wait_event, count(*) from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock' group by wait_event",
        )
        .fetch_all(&world.db)
        .await
        .unwrap();
        let all: i64 = waits.iter().map(|(_, count)| count).sum();
        (all == CROWD as i64).then(|| waits.into_iter().collect())
    };
    let watch = async {
        let waits = until("all requests wait", everybody_waits).await;
        busy.rollback().await.unwrap();
        waits
    };
    let requests = join_all((0..CROWD).map(|_| send(world, email.to_owned())));
    let (waits, replies) = futures_util::future::join(watch, requests).await;
    for reply in replies {
        reply.expect(status);
    }
    waits
}

/// Fails if requests for some kind of address queue in another way than those for others.
async fn assert_alike(world: &World, send: impl AsyncFn(&World, String) -> Reply) {
    let (known, unproven) = (world.register("ada").await, world.register("bobby").await);
    let disabled = world.register("daniel").await;
    world.sql("update users set email_verified_at = now() where display_name <> 'bobby'").await;
    world.disable(&disabled).await;

    let unknown = queue(world, "nobody@example.org", 202, &send).await;

    for account in [known, unproven, disabled] {
        let waits = queue(world, &account.email, 202, &send).await;
        assert_eq!(waits, unknown, "{}", account.email);
    }
}

async fn world() -> World {
    World::with(Options::crowded().without_worker()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn resets_asked_for_at_once_queue_alike_for_every_address() {
    let world = world().await;

    let send = async |world: &World, email: String| {
        world.post("/v1/password-resets", json!({"email": email})).await
    };
    assert_alike(&world, send).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_sent_again_at_once_queue_alike_for_every_address() {
    let world = world().await;

    let send = async |world: &World, email: String| {
        world.post("/v1/email-verifications", json!({"email": email})).await
    };
    assert_alike(&world, send).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_at_once_queue_alike_for_every_address() {
    let world = world().await;

    let send = async |world: &World, email: String| {
        let body =
            json!({"email": email, "password": "correct horse battery", "display_name": "Z"});
        world.post("/v1/users", body).await
    };
    assert_alike(&world, send).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_address_at_once_queue_alike_for_every_address() {
    let world = world().await;
    // Many who ask once each: those of one account queue for its own row.
    let mut eves = Vec::new();
    for nth in 0..CROWD {
        let eve = world.register(&format!("eve{nth}")).await;
        world.sql("update users set email_verified_at = now()").await;
        eves.push((world.log_in(&eve).await.access, eve));
    }
    let next = AtomicUsize::new(0);

    let send = async |world: &World, email: String| {
        let (access, eve) = &eves[next.fetch_add(1, Ordering::Relaxed) % CROWD];
        world.ask_for_address(access, eve, &email).await
    };
    assert_alike(&world, send).await;
}
