//! HTTP/2 with prior knowledge.

use std::ops::ControlFlow;

use futures_util::future::join_all;
use keyward_tests::hostile::{
    CONTINUATION, END_HEADERS, END_STREAM, HEADERS, Http2, RST_STREAM, frame, request,
};

use super::{ATTACKER, SHARE, TIMEOUT, Target};

/// Number of streams that a connection may open.
const STREAMS: usize = 100;
/// Number of connections of the attacker. Their requests are within the share of a network.
const CONNECTIONS: usize = 2;
/// Bytes of a body that is never completed: the limit is 65,536.
const BODY_BYTES: usize = 65_000;

/// Runs an attack on several connections.
async fn on_each<T>(target: &Target, window: u32, attack: impl AsyncFn(Http2) -> T) -> Vec<T> {
    on(CONNECTIONS, target, window, attack).await
}

async fn on<T>(
    connections: usize,
    target: &Target,
    window: u32,
    attack: impl AsyncFn(Http2) -> T,
) -> Vec<T> {
    let run = async |_| attack(Http2::open(ATTACKER, target.address, window).await.unwrap()).await;
    join_all((0..connections).map(run)).await
}

/// Requests large responses on every stream and grants a window of this many bytes to each.
async fn hoard(target: &Target, window: u32, paths: &[&str]) {
    let attack = on_each(target, window, async |mut client| {
        for path in paths.iter().cycle().take(STREAMS) {
            if client.get(path).await.is_break() {
                return;
            }
        }
        let _ = client.stay_until(|_| false).await;
    });
    target.withstands(attack).await;
    target.cuts_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn zero_windows_keep_neither_memory_nor_connections() {
    hoard(&Target::new().await, 0, &["/docs", "/openapi.json", "/verify-email"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_of_one_byte_keep_neither_memory_nor_connections() {
    hoard(&Target::new().await, 1, &["/docs", "/openapi.json", "/verify-email"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_without_their_last_byte_keep_no_connection() {
    // The body is {"status":"live"}.
    hoard(&Target::new().await, 16, &["/health/live"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rapid_resets_do_not_delay_others() {
    let target = Target::new().await;

    let attack = on_each(&target, 0, async |mut client| {
        for _ in 0..20_000 {
            let stream = client.stream();
            let head = request("GET", "/docs", &[]);
            let open = frame(HEADERS, END_HEADERS | END_STREAM, stream, &head);
            let reset = frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes());
            if client.send(&[open, reset].concat()).await.is_break() {
                return;
            }
        }
    });
    target.withstands(attack).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_request_heads_end_the_connection() {
    let target = Target::new().await;

    let attack = on_each(&target, 0, async |mut client| {
        let (stream, head) = (client.stream(), request("GET", "/docs", &[]));
        let mut sent = client.send(&frame(HEADERS, 0, stream, &head)).await;
        let more = request("GET", "/docs", &[("x-more", &"a".repeat(100))]).repeat(100);
        for _ in 0..2_000 {
            if sent.is_break() {
                return;
            }
            sent = client.send(&frame(CONTINUATION, 0, stream, &more[..16_000])).await;
        }
        panic!("32 MB of continuations were accepted");
    });
    target.withstands(attack).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_slow_bodies_on_a_connection_keep_memory_bounded() {
    let target = Target::new().await;

    let attack = on_each(&target, 0, async |mut client| {
        let more = [("content-type", "application/json"), ("content-length", "65536")];
        let head = request("POST", "/v1/users", &more);
        for _ in 0..STREAMS {
            let stream = client.stream();
            let mut sent = client.send(&frame(HEADERS, END_HEADERS, stream, &head)).await;
            for part in [b' '; BODY_BYTES].chunks(16_000) {
                sent = match sent {
                    ControlFlow::Continue(()) => client.data(stream, part).await,
                    ControlFlow::Break(()) => return,
                };
            }
        }
        tokio::time::sleep(TIMEOUT).await;
    });
    target.withstands(attack).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_stream_of_a_share_of_connections_keeps_memory_bounded() {
    let target = Target::new().await;

    on(SHARE, &target, 0, async |mut client| {
        for _ in 0..STREAMS {
            if client.get("/docs").await.is_break() {
                return;
            }
        }
        tokio::time::sleep(TIMEOUT).await;
    })
    .await;

    target.has_bounded_memory();
}
