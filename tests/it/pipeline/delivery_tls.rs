//! Relays whose identity is not verified receive nothing.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use keyward_tests::{Authority, Options, World};
use tokio::{net::TcpListener, task::JoinSet};

const QUEUE: &str = "verification-email";

/// A relay with a certificate of an unknown authority.
struct Impostor {
    port: u16,
    /// Number of accepted connections.
    connections: Arc<AtomicUsize>,
    /// Number of connections whose client accepted the certificate.
    trusted: Arc<AtomicUsize>,
    _listening: JoinSet<()>,
}

impl Impostor {
    async fn start() -> Self {
        let acceptor = Authority::default().acceptor_for("127.0.0.1");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (connections, trusted) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let (accepted, handshakes) = (Arc::clone(&connections), Arc::clone(&trusted));
        let mut listening = JoinSet::new();
        listening.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepted.fetch_add(1, Ordering::SeqCst);
                if acceptor.accept(stream).await.is_ok() {
                    handshakes.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
        Self { port, connections, trusted, _listening: listening }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn untrusted_relay_receives_nothing() {
    let relay = Impostor::start().await;
    let url = format!("smtps://keyward:canary@127.0.0.1:{}", relay.port);
    let world = World::with(Options::default().set("SMTP_URL", url)).await;

    world.register("ada").await;
    world.postponed(QUEUE).await;

    let mail = world.mail_in("verification", "deferred").await;
    let reason = mail.reply.unwrap();
    assert!(reason.to_lowercase().contains("certificate"), "the operator sees why: {reason}");
    assert!(!reason.contains("canary"), "{reason}");
    assert_eq!(relay.trusted.load(Ordering::SeqCst), 0);
    assert!(relay.connections.load(Ordering::SeqCst) > 0, "the worker connected");
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_without_required_tls_receives_nothing() {
    let world = World::new().await;
    let url = format!("{}?tls=required", world.mail.smtp_url());
    let strict = World::with(Options::default().set("SMTP_URL", url)).await;

    strict.register("ada").await;
    strict.postponed(QUEUE).await;

    let mail = strict.mail_in("verification", "deferred").await;
    assert!(mail.reply.unwrap().to_lowercase().contains("tls"), "the operator sees why");
    assert_eq!(world.mail.attempts().len(), 0, "the relay got no recipient");
}
