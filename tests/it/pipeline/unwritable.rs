//! A stream that takes no events.

use async_nats::jetstream::{
    self,
    stream::{Config, DiscardPolicy},
};
use keyward_tests::{World, until};

#[tokio::test(flavor = "multi_thread")]
async fn stream_that_takes_no_events_is_reported_and_kept() {
    let world = World::with_operations().await;
    world.register("ada").await;
    world.settle().await;
    let mut stream = world.stream().await;
    let created_at = stream.cached_info().created;
    let usual = stream.cached_info().config.clone();
    let jetstream = jetstream::new(world.nats.clone());
    let full = Config { discard: DiscardPolicy::New, max_messages: 1, ..usual.clone() };
    jetstream.update_stream(full).await.unwrap();

    let bob = world.register("bob").await;
    let ready = async |status: u16| {
        let reply = world.look("/health/ready").await;
        (reply.status.as_u16() == status).then_some(reply.text)
    };
    let reason = until("the worker is not ready", async || ready(503).await).await;
    assert_eq!(reason, "nats does not write the stream\n");
    let finding = "NATS answers but has not written the stream for";
    let shows = async |path: &str, text: &str| {
        world.look(path).await.expect(200).text.contains(text).then_some(())
    };
    until("the board reports it", async || shows("/", finding).await).await;
    until("a metric reports it", async || shows("/metrics", "keyward_stream_writable 0").await)
        .await;

    jetstream.update_stream(usual).await.unwrap();
    world.nth_mail(&bob.email, "Confirm", 1).await;
    until("the worker is ready", async || ready(200).await).await;
    until("the metric recovers", async || shows("/metrics", "keyward_stream_writable 1").await)
        .await;
    let info = stream.info().await.unwrap();
    assert_eq!((info.created, info.state.messages), (created_at, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_that_cannot_publish_for_15_seconds_is_not_ready() {
    let world = World::with_operations().await;
    world.register("ada").await;
    world.settle().await;
    let name = world.stream().await.cached_info().config.name.clone();
    let subjects = world.stream().await.cached_info().config.subjects.clone();
    let jetstream = jetstream::new(world.nats.clone());

    // Another stream has the subjects, so the worker cannot open its own.
    jetstream.delete_stream(&name).await.unwrap();
    let other = format!("{name}-other");
    let config = Config { name: other.clone(), subjects, ..Config::default() };
    jetstream.create_stream(config).await.unwrap();
    let ready = async |status: u16| {
        let reply = world.look("/health/ready").await;
        (reply.status.as_u16() == status).then_some(reply.text)
    };
    let reason = until("the worker is not ready", async || ready(503).await).await;
    assert_eq!(reason, "no event could be published for 15 s\n");

    jetstream.delete_stream(&other).await.unwrap();
    until("the worker is ready", async || ready(200).await).await;
}
