//! Hostile clients: what they can hold of a process, and what other clients notice.

mod answers;
mod hosts;
mod http1;
mod http2;
mod shares;

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use keyward_tests::{
    Options, Program, World,
    hostile::{self, CUT_OFF},
};
use tokio::{io::AsyncReadExt as _, net::TcpStream};
use tokio_util::sync::CancellationToken;

/// Maximum resident memory of the API (docs/operate/limits.md).
const MAX_MEMORY_MIB: u64 = 150;
/// Maximum 99th percentile of `GET /health/live` from another address.
const MAX_LATENCY: Duration = Duration::from_millis(100);
/// Delay between two health checks.
const PROBE_INTERVAL: Duration = Duration::from_millis(10);
/// Number of health checks before an attack. They show how busy the machine is.
const PROBES_BEFORE: usize = 100;
/// `HTTP_TIMEOUT_S` of the target.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Number of connections of a network: the default of `HTTP_MAX_CONNECTIONS_PER_NETWORK`.
const SHARE: usize = 250;

/// The address of the attacker. Other clients have 127.0.0.1.
const ATTACKER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// An API that is attacked.
struct Target {
    api: Program,
    address: SocketAddr,
    _world: World,
}

impl Target {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(settings: &[(&str, &str)]) -> Self {
        let timeout = TIMEOUT.as_secs().to_string();
        let world = World::with(Options::default().without_worker()).await;
        let settings = [&[("HTTP_TIMEOUT_S", &*timeout)], settings].concat();
        let api = world.api_process(&settings).await;
        let address = api.url["http://".len()..].parse().unwrap();
        Self { api, address, _world: world }
    }

    /// Opens a connection of the attacker and sends something. None if it is refused.
    async fn open(&self, bytes: &[u8]) -> Option<TcpStream> {
        hostile::open(ATTACKER, self.address, bytes).await.ok()
    }

    /// Runs an attack. Fails if the memory of the API or the latency of other clients exceeds its
    /// bound.
    #[expect(clippy::print_stdout, reason = "prints the measurements")]
    async fn withstands<T>(&self, attack: impl Future<Output = T>) -> T {
        let stop = CancellationToken::new();
        let mut before = Vec::new();
        for _ in 0..PROBES_BEFORE {
            before.push(self.probe().await);
        }
        let probes = async {
            let mut during = Vec::new();
            while !stop.is_cancelled() {
                during.push(self.probe().await);
                tokio::time::sleep(PROBE_INTERVAL).await;
            }
            during
        };
        let attack = async {
            let outcome = attack.await;
            stop.cancel();
            outcome
        };
        let (outcome, during) = tokio::join!(attack, probes);

        let (before, during) = (percentile_99(before), percentile_99(during));
        println!("p99 {before:?} before and {during:?} during the attack");
        self.has_bounded_memory();
        assert!(during < MAX_LATENCY + before, "{during:?} during the attack, {before:?} before");
        outcome
    }

    /// Fails if the memory of the API has exceeded its bound.
    #[expect(clippy::print_stdout, reason = "prints the measurement")]
    fn has_bounded_memory(&self) {
        let peak = self.api.memory_mib("VmHWM");
        println!("peak {peak} MiB");
        assert!(peak < MAX_MEMORY_MIB, "{peak} MiB");
    }

    /// Number of connections of the attacker that the API holds.
    fn held(&self) -> usize {
        let of = |address: Ipv4Addr| format!("{:08X}", u32::from_ne_bytes(address.octets()));
        let local = format!("{}:{:04X}", of(Ipv4Addr::LOCALHOST), self.address.port());
        let sockets = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let held = |line: &&str| {
            let fields: Vec<_> = line.split_whitespace().collect();
            // A closed socket whose last bytes the client does not read has no inode.
            fields[1] == local && fields[2].starts_with(&of(ATTACKER)) && fields[9] != "0"
        };
        sockets.lines().skip(1).filter(held).count()
    }

    /// Waits until the API has closed all connections of the attacker.
    async fn cuts_off(&self) {
        let began_at = Instant::now();
        while self.held() > 0 {
            assert!(began_at.elapsed() < CUT_OFF, "{} connections are still open", self.held());
            tokio::time::sleep(PROBE_INTERVAL).await;
        }
    }

    /// The duration of a health check of another client.
    async fn probe(&self) -> Duration {
        let began_at = Instant::now();
        let answer = self.health(Ipv4Addr::LOCALHOST).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer:?}");
        began_at.elapsed()
    }

    /// The response to a health check from an address.
    async fn health(&self, from: Ipv4Addr) -> String {
        const REQUEST: &[u8] = b"GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        let mut answer = String::new();
        let mut stream = hostile::open(from, self.address, REQUEST).await.unwrap();
        let _ = stream.read_to_string(&mut answer).await;
        answer
    }
}

fn percentile_99(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[(times.len() * 99 / 100).min(times.len() - 1)]
}
