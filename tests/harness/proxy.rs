//! A TCP proxy that can delay, discard or cut traffic.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::AbortHandle,
};

/// How the proxy handles traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traffic {
    /// It passes.
    Open,
    /// It waits, in both directions; so do new connections.
    Held,
    /// Requests pass, responses wait.
    ResponsesHeld,
    /// Connections are closed, held traffic is discarded, and new connections are closed at once.
    Cut,
}

impl Traffic {
    fn passes(self, is_response: bool) -> bool {
        self == Self::Open || (self == Self::ResponsesHeld && !is_response)
    }
}

/// A TCP proxy. Dropping it closes all connections.
pub struct Proxy {
    /// Its address.
    pub address: SocketAddr,
    traffic: watch::Sender<Traffic>,
    accepting: AbortHandle,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.set(Traffic::Cut);
        self.accepting.abort();
    }
}

impl Proxy {
    /// Starts an open proxy to an address.
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (traffic, seen) = watch::channel(Traffic::Open);
        let accepting = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(connect(client, server, seen.clone()));
            }
        });
        Self { address, traffic, accepting: accepting.abort_handle() }
    }

    /// Starts an open proxy to the server of a URL on this machine.
    pub async fn to_server(url: &str) -> Self {
        let port = url.parse::<url::Url>().unwrap().port().unwrap();
        Self::to(([127, 0, 0, 1], port).into()).await
    }

    /// Changes the mode.
    pub fn set(&self, traffic: Traffic) {
        self.traffic.send_replace(traffic);
    }

    /// The URL of the server through this proxy.
    pub fn url(&self, of_server: &str) -> String {
        let mut url: url::Url = of_server.parse().unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(self.address.port())).unwrap();
        url.into()
    }
}

async fn connect(client: TcpStream, server: SocketAddr, mut traffic: watch::Receiver<Traffic>) {
    let is_cut = traffic.wait_for(|now| *now != Traffic::Held).await;
    if is_cut.is_ok_and(|now| *now == Traffic::Cut) {
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else { return };
    let (asked, answer) = (client.into_split(), server.into_split());
    // The end of one direction ends the other.
    tokio::select! {
        () = pass(asked.0, answer.1, traffic.clone(), false) => {},
        () = pass(answer.0, asked.1, traffic, true) => {},
    }
}

/// Forwards bytes until their end, an error or a cut.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut traffic: watch::Receiver<Traffic>,
    is_response: bool,
) {
    let mut cut = traffic.clone();
    let forward = async {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from.read(&mut bytes).await {
            let may_pass = traffic.wait_for(|now| now.passes(is_response)).await.is_ok();
            if !may_pass || to.write_all(&bytes[..count]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = forward => {},
        _ = cut.wait_for(|now| *now == Traffic::Cut) => {},
    }
}
