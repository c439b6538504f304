use async_nats::header::NATS_MESSAGE_ID;
use keyward_tests::{Options, Proxy, Traffic, World, until};

use super::*;
use crate::pipeline::stream;

/// A world whose consumer has no other reader.
async fn world() -> World {
    let world = World::with(Options::default().without_worker()).await;
    let stream =
        stream::open(&jetstream::new(world.nats.clone()), &world.app.settings).await.unwrap();
    stream::create_consumer(&stream).await.unwrap();
    world
}

async fn consumer(world: &World, nats: Client) -> PullConsumer {
    let context = jetstream::new(nats.clone());
    let stream = stream::name(world.name());
    PullConsumer::new(nats, context, &stream, stream::CONSUMER, 16).await.unwrap()
}

async fn publish(world: &World, ids: std::ops::Range<usize>) {
    for id in ids {
        world.publish("test", &id.to_string(), "").await;
    }
}

/// Acknowledges everything that a request delivers until its end.
async fn drain(consumer: &mut PullConsumer) -> (Vec<String>, Option<anyhow::Error>) {
    let (mut ids, mut refusal) = (Vec::new(), None);
    while consumer.is_open() {
        let delivery = consumer.next().await.unwrap();
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
async fn request_delivers_pending_messages_and_reports_its_end() {
    let world = world().await;
    publish(&world, 0..40).await;
    let mut consumer = consumer(&world, world.nats.clone()).await;
    for expected in [ids(0..40), vec![]] {
        consumer.request_batch().await.unwrap();
        let (delivered, refusal) = drain(&mut consumer).await;
        assert_eq!(delivered, expected);
        assert!(refusal.is_none(), "{refusal:?}");
        assert_eq!(consumer.remaining, 0, "its end was reported");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn end_of_an_earlier_request_does_not_end_the_latest() {
    let world = world().await;
    let mut consumer = consumer(&world, world.nats.clone()).await;
    consumer.request_batch().await.unwrap();
    let has_ended = async || {
        let info = world.stream().await.consumer_info(stream::CONSUMER).await.unwrap();
        (info.num_waiting == 0).then_some(())
    };
    until("the server has reported the end, which is not read yet", has_ended).await;
    consumer.request_batch().await.unwrap();
    let delivery = consumer.next().await.unwrap();
    assert!(delivery.messages.is_empty());
    assert!(consumer.is_open(), "that was the end of the earlier request");

    publish(&world, 0..1).await;
    let (delivered, refusal) = drain(&mut consumer).await;
    assert_eq!(delivered, ids(0..1));
    assert!(refusal.is_none(), "{refusal:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_request_reports_the_reason_after_its_messages() {
    let world = world().await;
    let mut consumer = consumer(&world, world.nats.clone()).await;
    consumer.request_batch().await.unwrap();
    publish(&world, 0..1).await;
    let is_delivered = async || {
        let info = world.stream().await.consumer_info(stream::CONSUMER).await.unwrap();
        (info.num_ack_pending == 1).then_some(())
    };
    until("the message is delivered", is_delivered).await;
    world.stream().await.delete_consumer(stream::CONSUMER).await.unwrap();

    let delivery = consumer.next().await.unwrap();
    let refusal = match delivery.refusal {
        None => consumer.next().await.unwrap().refusal,
        refusal => refusal,
    };
    assert_eq!(delivery.messages.len(), 1);
    let refusal = refusal.unwrap().to_string();
    assert!(refusal.contains("409") && refusal.contains("Consumer Deleted"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_server_gets_no_further_request() {
    let world = world().await;
    let proxy = Proxy::to_server(&world.settings()["NATS_URL"]).await;
    let nats = keyward_tests::nats(&proxy.url(&world.settings()["NATS_URL"])).await;
    let mut consumer = consumer(&world, nats).await;
    consumer.request_batch().await.unwrap();
    proxy.set(Traffic::Held);
    let (delivered, _) = drain(&mut consumer).await;
    assert_eq!(delivered, ids(0..0));

    let error = consumer.request_batch().await.unwrap_err();
    assert_eq!(error.to_string(), "NATS does not answer");
    proxy.set(Traffic::Open);
    publish(&world, 0..1).await;
    consumer.request_batch().await.unwrap();
    let (delivered, _) = drain(&mut consumer).await;
    assert_eq!(delivered, ids(0..1), "the silent request took none");
}
