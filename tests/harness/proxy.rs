//! A place between a program and a server, where what passes can be held, swallowed or cut.

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

/// What becomes of bytes on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// They pass.
    Open,
    /// They wait, in both directions; so do new connections.
    Held,
    /// What is asked passes, what is answered waits.
    Unheard,
    /// Connections are closed with what waited in them, and new ones, too.
    Cut,
}

impl Passage {
    fn lets(self, is_answer: bool) -> bool {
        self == Self::Open || (self == Self::Unheard && !is_answer)
    }
}

/// See the module. Dropping it cuts the way.
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    passage: watch::Sender<Passage>,
    accepting: AbortHandle,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.set(Passage::Cut);
        self.accepting.abort();
    }
}

impl Proxy {
    /// An open way to a server.
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (passage, seen) = watch::channel(Passage::Open);
        let accepting = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(connect(client, server, seen.clone()));
            }
        });
        Self { address, passage, accepting: accepting.abort_handle() }
    }

    /// An open way to the server of a URL on this machine.
    pub async fn to_server(url: &str) -> Self {
        let port = url.parse::<url::Url>().unwrap().port().unwrap();
        Self::to(([127, 0, 0, 1], port).into()).await
    }

    /// From now on.
    pub fn set(&self, passage: Passage) {
        self.passage.send_replace(passage);
    }

    /// A URL of the server, by this way.
    pub fn url(&self, of_server: &str) -> String {
        let mut url: url::Url = of_server.parse().unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(self.address.port())).unwrap();
        url.into()
    }
}

async fn connect(client: TcpStream, server: SocketAddr, mut passage: watch::Receiver<Passage>) {
    let is_cut = passage.wait_for(|now| *now != Passage::Held).await;
    if is_cut.is_ok_and(|now| *now == Passage::Cut) {
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else { return };
    let (asked, answer) = (client.into_split(), server.into_split());
    // Whichever ends first takes the other one with it.
    tokio::select! {
        () = pass(asked.0, answer.1, passage.clone(), false) => {},
        () = pass(answer.0, asked.1, passage, true) => {},
    }
}

/// Passes bytes on until their end, an error or a cut.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut passage: watch::Receiver<Passage>,
    is_answer: bool,
) {
    let mut cut = passage.clone();
    let forward = async {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from.read(&mut bytes).await {
            let may_pass = passage.wait_for(|now| now.lets(is_answer)).await.is_ok();
            if !may_pass || to.write_all(&bytes[..count]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = forward => {},
        _ = cut.wait_for(|now| *now == Passage::Cut) => {},
    }
}
