//! Greylisting: who sends to a recipient for the first time is asked to come back.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// A server that speaks the policy protocol of Postfix.
pub(crate) struct Greylist {
    pub(crate) port: u16,
    _serving: JoinSet<()>,
}

/// Pairs of sender and recipient that have tried.
type Seen = Arc<Mutex<HashSet<String>>>;

impl Greylist {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let (seen, mut clients) = (Seen::default(), JoinSet::new());
            while let Ok((stream, _)) = listener.accept().await {
                clients.spawn(answer(stream, Arc::clone(&seen)));
            }
        });
        Self { port, _serving: serving }
    }
}

/// A request is lines of `name=value` with an empty line after them.
async fn answer(stream: TcpStream, seen: Seen) {
    let mut stream = BufReader::new(stream);
    let (mut line, mut pair) = (String::new(), String::new());
    while stream.read_line(&mut line).await.is_ok_and(|count| count > 0) {
        if line.starts_with("sender=") || line.starts_with("recipient=") {
            pair.push_str(&line);
        }
        if line == "\n" {
            let is_new = seen.lock().unwrap().insert(std::mem::take(&mut pair));
            let action = if is_new { "DEFER 4.7.1 greylisted" } else { "DUNNO" };
            _ = stream.get_mut().write_all(format!("action={action}\n\n").as_bytes()).await;
        }
        line.clear();
    }
}
