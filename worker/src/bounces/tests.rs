//! Clients that take too long.

use std::time::{Duration, Instant};

use keyward_tests::{BOUNCE_DOMAIN, BounceClient, Options, World, bounces::delivery_status};
use tokio::{net::TcpStream, task::JoinSet, time::interval};
use tokio_util::sync::CancellationToken;

use super::{Timeouts, serve};

const IDLE: Duration = Duration::from_millis(700);
const SESSION: Duration = Duration::from_millis(2_500);

/// A listener with short time-outs.
struct Listener {
    world: World,
    stop: CancellationToken,
    _tasks: JoinSet<anyhow::Result<Duration>>,
}

impl Listener {
    async fn start() -> Self {
        let world = World::with(Options::with_bounces().without_worker()).await;
        let (app, stop) = (world.app.clone(), CancellationToken::new());
        let mut tasks = JoinSet::new();
        let (stopped, address) = (stop.clone(), world.bounce_address());
        let timeouts = Timeouts { idle: IDLE, session: SESSION };
        tasks.spawn(async move { serve(&app, address, timeouts, &stopped).await });
        Self { world, stop, _tasks: tasks }
    }

    /// A client that has begun a message to a return path.
    async fn client(&self) -> BounceClient {
        let mut client = self.world.bounce_client().await;
        let path = self.world.app.return_path(keyward_core::domain::MailId::new()).unwrap();
        for line in ["MAIL FROM:<>", &format!("RCPT TO:<{path}>"), "DATA"] {
            let reply = client.say(line).await;
            assert!(reply.starts_with(['2', '3']), "{line}: {reply}");
        }
        client
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_client_is_told_and_cut_off() {
    let listener = Listener::start().await;
    let began = Instant::now();
    let mut client = listener.client().await;

    assert!(client.reply().await.starts_with("421 4.4.2"));

    let took = began.elapsed();
    assert!(took >= IDLE && took < SESSION, "{took:?}");
    assert_eq!(client.reply().await, "", "closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn client_that_trickles_is_cut_off_while_others_are_served() {
    let listener = Listener::start().await;
    let address = listener.world.bounce_address();
    let mut slow = Vec::new();
    let began = Instant::now();
    for _ in 0..20 {
        slow.push(listener.client().await);
    }

    let mut tick = interval(IDLE / 3);
    let trickle = async {
        // Every client sends a byte before it counts as idle.
        while began.elapsed() < 2 * SESSION {
            tick.tick().await;
            for client in &mut slow {
                client.send(b"x").await;
            }
        }
    };
    let cut_off = async {
        let mut client = listener.world.bounce_client().await;
        let (to, message) = (format!("a@{BOUNCE_DOMAIN}"), delivery_status("failed", "5.1.1"));
        let reply = client.report(&to, &message).await;
        assert!(reply.starts_with("550 "), "another client is served: {reply}");
        assert!(began.elapsed() < SESSION, "at once");
        let mut reading = BounceClient::of(TcpStream::connect(address).await.unwrap());
        assert!(reading.reply().await.starts_with("220 "));
    };
    tokio::join!(trickle, cut_off);

    for client in &mut slow {
        assert_eq!(client.reply().await, "", "closed, and nothing was recorded");
    }
}
