//! Hostile clients that hold connections and streams.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use keyward_tests::hostile::{self, HALF_SENT, Http2};
use tokio::{io::AsyncReadExt as _, task::JoinSet, time::sleep};

/// Their address. The usual clients have 127.0.0.1.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// How long they stay.
const DURATION: Duration = Duration::from_secs(20);
/// How long a client waits before it connects again.
const RETRY_DELAY: Duration = Duration::from_millis(200);
/// Clients per API: more than it allows a network, together with the others.
const HALF_SENT_REQUESTS: usize = 250;
const SLOW_READERS: usize = 50;
const ZERO_WINDOWS: usize = 20;
/// Streams of an HTTP/2 connection: as many as an API allows.
const STREAMS: usize = 100;

/// Holds connections and streams of the APIs.
pub(crate) async fn hoard(urls: &[String]) {
    let mut clients = JoinSet::new();
    for api in urls.iter().map(|url| url["http://".len()..].parse().unwrap()) {
        for _ in 0..HALF_SENT_REQUESTS {
            clients.spawn(hold(api, HALF_SENT, true));
        }
        for _ in 0..SLOW_READERS {
            clients.spawn(hold(api, b"GET /docs HTTP/1.1\r\nhost: x\r\n\r\n", false));
        }
        for _ in 0..ZERO_WINDOWS {
            clients.spawn(close_windows(api));
        }
    }
    sleep(DURATION).await;
}

/// Sends something and holds the connection; reads the response, or nothing.
async fn hold(api: SocketAddr, bytes: &'static [u8], reads: bool) {
    loop {
        match hostile::open(ADDRESS, api, bytes).await {
            Ok(mut stream) if reads => _ = stream.read_to_end(&mut Vec::new()).await,
            Ok(_stream) => sleep(DURATION).await,
            Err(_) => {}
        }
        sleep(RETRY_DELAY).await;
    }
}

/// Requests the largest response on every stream, and accepts none.
async fn close_windows(api: SocketAddr) {
    loop {
        if let Ok(mut client) = Http2::open(ADDRESS, api, 0).await {
            for _ in 0..STREAMS {
                let _ = client.get("/docs").await;
            }
            while client.ping().await.is_continue() {
                sleep(RETRY_DELAY).await;
            }
        }
        sleep(RETRY_DELAY).await;
    }
}
