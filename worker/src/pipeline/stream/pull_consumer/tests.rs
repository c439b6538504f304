use async_nats::header::NATS_MESSAGE_ID;
use keyward_tests::{Options, Proxy, Traffic, World, until};

use super::*;
use crate::pipeline::stream;

/// A stream with its consumer, and nobody else who reads it.
async fn world() -> World {
    let world = World::with(Options::default().without_worker()).await;
    let stream = stream::open(&jetstream::new(world.nats.clone()), world.name()).await.unwrap();
    stream::consumer(&stream).await.unwrap();
    world
}

async fn orders(world: &World, nats: Client) -> PullConsumer {
    let context = jetstream::new(nats.clone());
    let stream = stream::name(world.name());
    PullConsumer::at(nats, context, &stream, stream::CONSUMER, 16).await.unwrap()
}

async fn publish(world: &World, ids: std::ops::Range<usize>) {
    for id in ids {
        world.publish("test", &id.to_string(), "").await;
    }
}

/// Everything that an order brings until its end, which is answered.
async fn bring(orders: &mut PullConsumer) -> (Vec<String>, Option<anyhow::Error>) {
    let (mut ids, mut refusal) = (Vec::new(), None);
    while orders.is_open() {
        let delivery = orders.next().await.unwrap();
        for message in delivery.messages {
            message.double_ack().await.unwrap();
            let headers = message.headers.as_ref().unwrap();
            ids.push(headers.get(NATS_MESSAGE_ID).unwrap().to_string());
        }
        refusal = refusal.or(delivery.refusal);
    }
    (ids, refusal)
}

fn ids(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|id| id.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_brings_what_is_there_and_the_server_tells_its_end() {
    let world = world().await;
    publish(&world, 0..40).await;
    let mut orders = orders(&world, world.nats.clone()).await;
    for nth in [ids(0..40), vec![]] {
        orders.place().await.unwrap();
        let (brought, refusal) = bring(&mut orders).await;
        assert_eq!(brought, nth);
        assert!(refusal.is_none(), "{refusal:?}");
        assert_eq!(orders.left, 0, "its end was told");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_an_earlier_order_does_not_end_the_latest() {
    let world = world().await;
    let mut orders = orders(&world, world.nats.clone()).await;
    orders.place().await.unwrap();
    let is_over = async || {
        let consumer = world.stream().await.consumer_info(stream::CONSUMER).await.unwrap();
        (consumer.num_waiting == 0).then_some(())
    };
    until("the server has told the end, which nobody has read yet", is_over).await;
    orders.place().await.unwrap();
    let delivery = orders.next().await.unwrap();
    assert!(delivery.messages.is_empty());
    assert!(orders.is_open(), "that was the end of the one before");

    publish(&world, 0..1).await;
    let (brought, refusal) = bring(&mut orders).await;
    assert_eq!(brought, ids(0..1));
    assert!(refusal.is_none(), "{refusal:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_refused_says_why_and_has_brought_what_came_before() {
    let world = world().await;
    let mut orders = orders(&world, world.nats.clone()).await;
    orders.place().await.unwrap();
    publish(&world, 0..1).await;
    let is_delivered = async || {
        let consumer = world.stream().await.consumer_info(stream::CONSUMER).await.unwrap();
        (consumer.num_ack_pending == 1).then_some(())
    };
    until("the message is delivered", is_delivered).await;
    world.stream().await.delete_consumer(stream::CONSUMER).await.unwrap();

    let delivery = orders.next().await.unwrap();
    let late = match delivery.refusal {
        None => orders.next().await.unwrap().refusal,
        refusal => refusal,
    };
    assert_eq!(delivery.messages.len(), 1);
    let refusal = late.unwrap().to_string();
    assert!(refusal.contains("409") && refusal.contains("Consumer Deleted"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_order_is_placed_at_a_server_that_is_silent() {
    let world = world().await;
    let way = Proxy::to_server(&world.settings()["NATS_URL"]).await;
    let nats = keyward_tests::nats(&way.url(&world.settings()["NATS_URL"])).await;
    let mut orders = orders(&world, nats).await;
    orders.place().await.unwrap();
    way.set(Traffic::Held);
    let (brought, _) = bring(&mut orders).await;
    assert_eq!(brought, ids(0..0));

    let error = orders.place().await.unwrap_err();
    assert_eq!(error.to_string(), "NATS does not answer");
    way.set(Traffic::Open);
    publish(&world, 0..1).await;
    orders.place().await.unwrap();
    let (brought, _) = bring(&mut orders).await;
    assert_eq!(brought, ids(0..1), "none is lost to the order that nobody heard");
}
