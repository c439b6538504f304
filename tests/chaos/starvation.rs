//! Faults in which Postgres and the workers share too little CPU time.

use std::time::Duration;

use keyward_tests::{Rng, until};
use tokio::time::sleep;

use crate::{
    actors::Actors,
    helpers::{drop_connections, sleep_below},
};

/// How long the quota lasts.
const QUOTA_TIME: Duration = Duration::from_secs(30);

/// Drops all connections while Postgres and the workers share a twentieth of a core.
pub(crate) async fn starve(actors: &mut Actors) {
    actors.limit_cpu(0.05);
    drop_connections(actors).await;
    end(actors).await;
}

/// Kills Postgres twice, and restarts it on the same port, while it and the workers share 0.3 cores.
pub(crate) async fn fail_over(actors: &mut Actors, rng: &mut Rng) {
    actors.limit_cpu(0.3);
    for _ in 0..2 {
        actors.cluster.stack.postgres.kill().await;
        sleep_below(rng, 2_000).await;
        actors.restart_postgres().await;
        sleep_below(rng, 2_000).await;
    }
    end(actors).await;
}

/// Waits for progress under the quota, then ends it.
async fn end(actors: &mut Actors) {
    let before = until("Postgres answers", async || processed(actors).await).await;
    sleep(QUOTA_TIME).await;
    let after = until("Postgres answers", async || processed(actors).await).await;
    println!("{} events were processed in {QUOTA_TIME:?} under the quota", after - before);
    assert!(after > before, "no event was processed under the quota");
    actors.cluster.quota = None;
}

/// The number of events whose jobs exist.
async fn processed(actors: &Actors) -> Option<i64> {
    sqlx::query_scalar(
        "select (select count(*) from outbox) - (select count(*) from outbox_pending)",
    )
    .fetch_one(&actors.cluster.db)
    .await
    .ok()
}
