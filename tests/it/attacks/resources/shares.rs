//! The share of a client network.

use std::net::Ipv4Addr;

use futures_util::future::join_all;
use keyward_tests::{
    hostile::{self, HALF_SENT, Http2},
    until,
};

use super::{ATTACKER, SHARE, Target};

/// The limits of a target.
const SETTINGS: [(&str, &str); 3] = [
    ("HTTP_MAX_CONNECTIONS", "300"),
    ("HTTP_MAX_CONNECTIONS_PER_NETWORK", "100"),
    ("HTTP_TIMEOUT_S", "30"),
];

#[tokio::test(flavor = "multi_thread")]
async fn half_sent_requests_of_one_network_do_not_delay_others() {
    let target = Target::with(&[("HTTP_TIMEOUT_S", "30")]).await;

    let attack = async {
        let open = join_all((0..1_800).map(|_| target.open(HALF_SENT))).await;
        let has_share = async || (target.held() == SHARE).then_some(());
        until("the network has its share", has_share).await;
        // For some more health checks.
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        drop(open);
    };
    target.withstands(attack).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_sent_requests_of_many_networks_do_not_delay_others() {
    let target = Target::with(&SETTINGS).await;

    let attack = async {
        let network = |nth: u8| Ipv4Addr::new(127, 0, 1, nth);
        let open = (0..=249)
            .chain(0..=249)
            .map(|nth| hostile::open(network(nth % 10), target.address, HALF_SENT));
        let open = join_all(open).await;
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        drop(open);
    };
    target.withstands(attack).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_beyond_the_share_of_a_network_are_503() {
    let settings = [("HTTP_MAX_REQUESTS_PER_NETWORK", "10"), ("HTTP_TIMEOUT_S", "30")];
    let target = Target::with(&settings).await;

    let open = join_all((0..10).map(|_| target.open(HALF_SENT))).await;

    let answers = async |status: &str| {
        let answer = target.health(ATTACKER).await;
        answer.starts_with(status).then_some(answer)
    };
    let refusal = until("the share is used up", async || answers("HTTP/1.1 503 ").await).await;
    assert!(refusal.contains("retry-after: 1") && refusal.contains("\"busy\""), "{refusal}");
    target.probe().await;
    drop(open);
    until("the share is free again", async || answers("HTTP/1.1 200 ").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn client_of_a_proxy_that_does_not_read_does_not_end_the_others() {
    let target = Target::with(&[("TRUSTED_PROXIES", "127.0.0.2/32")]).await;
    let mut proxy = Http2::open(ATTACKER, target.address, 10).await.unwrap();

    let exchange = async {
        proxy.get("/docs").await?;
        proxy.stay_until(|seen| seen.resets == 1).await?;
        // The head of the response arrives, although its body exceeds the window.
        proxy.get("/health/live").await?;
        proxy.stay_until(|seen| seen.responses == 2).await
    };
    assert!(exchange.await.is_continue(), "the connection was closed");
}
