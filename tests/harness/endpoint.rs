use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tokio::{
    io::{
        AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _,
        BufReader,
    },
    net::TcpListener,
    sync::watch,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use crate::{Options, World};

/// An HTTP server that records webhooks and responds as configured.
pub struct Endpoint {
    pub address: SocketAddr,
    got: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<VecDeque<String>>>,
    silence: watch::Sender<()>,
    _server: JoinSet<()>,
}

/// A received request.
#[derive(Debug, Clone)]
pub struct Received {
    pub path: String,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The type of the event.
    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }
}

impl Endpoint {
    /// Starts one that responds with 204 by default.
    pub async fn start() -> Self {
        Self::started(None).await
    }

    /// Starts one that accepts TLS only.
    pub async fn with_tls(identity: TlsAcceptor) -> Self {
        Self::started(Some(identity)).await
    }

    async fn started(identity: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (got, answers) = (Arc::<Mutex<Vec<Received>>>::default(), Arc::default());
        let mut server = JoinSet::new();
        let (received, responses) = (Arc::clone(&got), Arc::clone(&answers));
        let (silence, hang_up) = watch::channel(());
        server.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (received, responses, hang_up, identity) = (
                    Arc::clone(&received),
                    Arc::clone(&responses),
                    hang_up.clone(),
                    identity.clone(),
                );
                connections.spawn(async move {
                    match identity {
                        None => serve(stream, received, responses, hang_up).await,
                        Some(identity) => {
                            // A client that does not trust the certificate sends nothing.
                            if let Ok(stream) = identity.accept(stream).await {
                                serve(stream, received, responses, hang_up).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, got, answers, silence, _server: server }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hooks?source=keyward", self.address)
    }

    /// Queues a response: a status and headers. If it is empty, the server does not respond; if it
    /// contains `endless`, the body never ends.
    pub fn answers(&self, status_and_headers: &str) {
        self.answers.lock().unwrap().push_back(status_and_headers.to_owned());
    }

    /// Closes a connection that waits for a response.
    pub fn hang_up(&self) {
        self.silence.send_replace(());
    }

    pub fn got(&self) -> Vec<Received> {
        self.got.lock().unwrap().clone()
    }

    /// Waits until it has received `nth` requests, and returns the last one.
    pub async fn nth(&self, nth: usize) -> Received {
        let look = async || self.got().get(nth - 1).cloned();
        crate::until(&format!("the endpoint has received {nth} requests"), look).await
    }
}

/// Responds to one request and closes the connection.
async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    got: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<VecDeque<String>>>,
    mut hang_up: watch::Receiver<()>,
) {
    let mut stream = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let Some(path) = lines.first().and_then(|line| line.split(' ').nth(1)) else { return };
    let headers: HashMap<String, String> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    let body = String::from_utf8(body).unwrap();
    got.lock().unwrap().push(Received { path: path.to_owned(), headers, body });
    let answer = answers.lock().unwrap().pop_front().unwrap_or_else(|| "204 Fine".to_owned());
    if answer.is_empty() {
        let _ = hang_up.changed().await;
        return;
    }
    if answer.contains("endless") {
        let _ = stream.write_all(format!("HTTP/1.1 {answer}\r\n\r\n").as_bytes()).await;
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
        return;
    }
    let head = format!("HTTP/1.1 {answer}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// A created webhook.
#[derive(Debug, Clone)]
pub struct Webhook {
    pub id: String,
    pub secret: String,
}

impl World {
    /// A world whose webhooks may be sent to this machine, and an administrator.
    pub async fn with_webhooks() -> (Self, String) {
        let options = Options::default().set("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8");
        let world = Self::with(options).await;
        let root = world.administrator("root").await;
        world.settle().await;
        (world, root)
    }

    /// Creates a webhook for events of these types (all types if empty).
    pub async fn webhook(&self, admin: &str, url: &str, types: &[&str]) -> Webhook {
        let body = json!({"url": url, "types": types});
        let reply = self.post_json_as(admin, "/v1/webhooks", body).await.expect(201).json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Webhook { id: text(&reply["webhook"]["id"]), secret: text(&reply["secret"]) }
    }

    /// The deliveries to an endpoint, latest first.
    pub async fn deliveries(&self, admin: &str, webhook: &Webhook) -> Vec<Value> {
        let path = format!("/v1/webhooks/{}/deliveries", webhook.id);
        let reply = self.get_as(admin, &path).await.expect(200);
        reply.json()["items"].as_array().unwrap().clone()
    }

    /// Waits until the latest delivery to an endpoint is in a state after this number of attempts.
    pub async fn delivery_in(
        &self,
        admin: &str,
        webhook: &Webhook,
        state: &str,
        attempts: i32,
    ) -> Value {
        let look = async || {
            let latest = self.deliveries(admin, webhook).await.into_iter().next()?;
            // An attempt is counted when it starts. The delivery describes it only after its job is
            // rescheduled.
            let is_ended = state != "pending" || self.is_rescheduled(&latest["id"], attempts).await;
            let after = self.deliveries(admin, webhook).await.into_iter().next()?;
            let is_expected = after["state"] == state && after["attempts"] == attempts;
            (is_expected && is_ended && after["id"] == latest["id"]).then_some(after)
        };
        crate::until(&format!("a delivery is {state} after {attempts} attempts"), look).await
    }

    /// Whether the job of a delivery is scheduled for a retry after this number of attempts.
    async fn is_rescheduled(&self, delivery: &Value, attempts: i32) -> bool {
        sqlx::query_scalar(
            "select exists (select from apalis.jobs
                            where job_type = 'webhook-delivery' and status = 'Failed'
                                  and attempts = $2 and position($1 in convert_from(job, 'utf8')) > 0)",
        )
        .bind(delivery.as_str().unwrap())
        .bind(attempts)
        .fetch_one(&self.db)
        .await
        .unwrap()
    }
}
