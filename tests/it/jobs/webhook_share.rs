//! One endpoint cannot take the concurrency of others.

use keyward_tests::{Endpoint, World, until};

#[tokio::test(flavor = "multi_thread")]
async fn silent_endpoint_does_not_delay_others() {
    let (world, root) = World::with_webhooks().await;
    let (silent, other) = (Endpoint::start().await, Endpoint::start().await);
    let hangs = world.webhook(&root, &silent.url(), &["user.deleted"]).await;
    let works = world.webhook(&root, &other.url(), &["user.deleted"]).await;
    // As many deliveries as one endpoint may have at a time. Later ones are answered.
    (0..32).for_each(|_| silent.answers(""));
    let ping = async |id: &str| {
        world.post_as(&root, &format!("/v1/webhooks/{id}/ping")).await.expect(202);
    };

    for _ in 0..80 {
        ping(&hangs.id).await;
    }
    silent.nth(32).await;
    ping(&works.id).await;
    other.nth(1).await;

    // More than the queue runs at a time, so without a share they would all come first.
    let untried = world.count("webhook_deliveries where attempts = 0").await;
    assert!(untried > 0, "the other endpoint does not wait for every attempt");
    world.delivery_in(&root, &works, "delivered", 1).await;
    silent.hang_up();
    until("postponed deliveries complete with one attempt", async || {
        let done = "apalis.jobs where job_type = 'webhook-delivery'
                    and status = 'Done' and attempts = 1";
        (world.count(done).await == 49).then_some(())
    })
    .await;
    let arrived = "webhook_deliveries where state = 'delivered' and attempts = 1";
    assert_eq!(world.count(arrived).await, 49);
}
