//! A proxy that records every byte that a browser sends.

use std::{
    io,
    sync::{Arc, Mutex},
};

use keyward_tests::World;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// A recording proxy between a browser and the API of a world.
pub(crate) struct Recorder {
    pub(crate) url: String,
    recorded: Arc<Mutex<Vec<u8>>>,
    _connections: JoinSet<()>,
}

impl Recorder {
    pub(crate) async fn before(world: &World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let api = world.url.strip_prefix("http://").unwrap().to_owned();
        let recorded = Arc::<Mutex<Vec<u8>>>::default();
        let memory = recorded.clone();
        let mut connections = JoinSet::new();
        connections.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((browser, _)) = listener.accept().await {
                open.spawn(pass_on(browser, api.clone(), memory.clone()));
            }
        });
        Self { url, recorded, _connections: connections }
    }

    /// Everything sent so far: heads and bodies of requests.
    pub(crate) fn recorded(&self) -> String {
        String::from_utf8_lossy(&self.recorded.lock().unwrap()).into_owned()
    }
}

async fn pass_on(
    mut browser: TcpStream,
    api: String,
    recorded: Arc<Mutex<Vec<u8>>>,
) -> io::Result<()> {
    let mut api = TcpStream::connect(api).await?;
    let (mut from_browser, mut to_browser) = browser.split();
    let (mut from_api, mut to_api) = api.split();
    let requests = async {
        let mut bytes = [0; 8192];
        loop {
            let n = from_browser.read(&mut bytes).await?;
            if n == 0 {
                return to_api.shutdown().await;
            }
            recorded.lock().unwrap().extend(&bytes[..n]);
            to_api.write_all(&bytes[..n]).await?;
        }
    };
    tokio::try_join!(requests, tokio::io::copy(&mut from_api, &mut to_browser))?;
    Ok(())
}
