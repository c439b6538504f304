//! Three NATS servers that replicate the stream.

use std::{
    fs::{self, File},
    path::PathBuf,
    time::{Duration, Instant},
};

use async_nats::jetstream::{self, stream::Config};
use keyward_stack::process::{Launch, Process, Signal};
use keyward_tests::{Cluster, Program, nats, until};
use reqwest::StatusCode;

/// The servers. They end with the test.
struct NatsCluster {
    program: PathBuf,
    folder: PathBuf,
    servers: Vec<Process>,
    /// The first server, with credentials.
    url: String,
}

impl NatsCluster {
    fn start(cluster: &Cluster) -> Self {
        let address = |name: &str, nth: usize| {
            cluster.free_url(&format!("{name}-{nth}")).replace("http://", "")
        };
        let clients: Vec<_> = (0..3).map(|nth| address("nats", nth)).collect();
        let peers: Vec<_> = (0..3).map(|nth| address("nats-peer", nth)).collect();
        let routes: Vec<_> = peers.iter().map(|peer| format!("nats://{peer}")).collect();
        let folder = cluster.scratch.path().to_owned();
        for (nth, (client, peer)) in clients.iter().zip(&peers).enumerate() {
            let store = folder.join(format!("nats-{nth}"));
            let config = format!(
                "server_name: nats-{nth}\n\
                 listen: {client:?}\n\
                 jetstream {{ store_dir: {store:?} }}\n\
                 authorization {{ user: keyward, password: secret }}\n\
                 cluster {{ name: keyward, listen: {peer:?}, routes: {routes:?} }}\n"
            );
            fs::write(folder.join(format!("nats-{nth}.conf")), config).unwrap();
        }
        let mut nats = Self {
            program: cluster.stack.nats.program(),
            folder,
            servers: Vec::new(),
            url: format!("nats://keyward:secret@{}", clients[0]),
        };
        nats.servers = (0..3).map(|nth| nats.launch(nth)).collect();
        nats
    }

    fn launch(&self, nth: usize) -> Process {
        let file = |ending: &str| self.folder.join(format!("nats-{nth}.{ending}"));
        let log = File::options().create(true).append(true).open(file("log")).unwrap();
        let launch = Launch::new(&self.program).args(["--config".into(), file("conf")]);
        launch.output(log).unwrap().spawn().unwrap()
    }

    async fn kill(&self, nth: usize) {
        self.servers[nth].signal(Signal::SIGKILL);
        self.servers[nth].exited().await.unwrap();
    }

    fn restart(&mut self, nth: usize) {
        self.servers[nth] = self.launch(nth);
    }
}

impl Drop for NatsCluster {
    fn drop(&mut self) {
        self.servers.iter().for_each(|server| server.signal(Signal::SIGKILL));
    }
}

/// What a worker answers to a probe.
async fn probe(cluster: &Cluster, worker: &Program, path: &str) -> (StatusCode, String) {
    let answer = cluster.client.get(format!("{}{path}", worker.ops)).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

async fn expect_ready(cluster: &Cluster, workers: &[Program], expected: &(StatusCode, String)) {
    until(&format!("every worker answers {expected:?}"), async || {
        for worker in workers {
            if probe(cluster, worker, "/health/ready").await != *expected {
                return None;
            }
        }
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_is_not_ready_while_the_stream_has_no_leader() {
    let mut cluster = Cluster::new().await;
    let mut servers = NatsCluster::start(&cluster);
    until("the first server listens", async || {
        let address = servers.url.rsplit_once('@').unwrap().1;
        tokio::net::TcpStream::connect(address).await.ok()
    })
    .await;
    let jetstream = jetstream::new(nats(&servers.url).await);
    until("the stream has three replicas", async || {
        let config = Config {
            name: "keyward-events".into(),
            subjects: vec!["keyward.events.>".into()],
            num_replicas: 3,
            ..Config::default()
        };
        jetstream.create_stream(config).await.ok()
    })
    .await;
    cluster.set("NATS_URL", &servers.url);
    cluster.set("NATS_MONITORING_URL", "");
    let workers = [cluster.start_worker().await, cluster.start_worker_at("ops-2").await];
    let _api = cluster.start_api().await;
    let ada = cluster.register("ada").await;
    cluster.nth_mail(&ada.email, "Confirm", 1).await;
    cluster.settle().await;

    // The workers are idle, and follow to the third server.
    let stream = jetstream.get_stream("keyward-events").await.unwrap();
    let leader = stream.cached_info().cluster.clone().unwrap().leader.unwrap();
    let leader: usize = leader.trim_start_matches("nats-").parse().unwrap();
    let other = (leader + 1) % 3;
    tokio::join!(servers.kill(leader), servers.kill(other));
    let killed_at = Instant::now();
    let unready = "no event could be published for 15 s\n".to_owned();
    expect_ready(&cluster, &workers, &(StatusCode::SERVICE_UNAVAILABLE, unready)).await;
    let noticed_after = killed_at.elapsed();
    assert!(noticed_after < Duration::from_secs(25), "{noticed_after:?}");
    for worker in &workers {
        assert_eq!(probe(&cluster, worker, "/health/live").await.0, StatusCode::OK);
    }
    let bob = cluster.register("bob").await;
    let waiting = "select count(*) from outbox_pending";
    let waiting: i64 = sqlx::query_scalar(waiting).fetch_one(&cluster.db).await.unwrap();
    assert_eq!(waiting, 1);

    servers.restart(other);

    expect_ready(&cluster, &workers, &(StatusCode::OK, "ready\n".into())).await;
    cluster.nth_mail(&bob.email, "Confirm", 1).await;
    cluster.settle().await;
    assert_eq!(cluster.mail.messages().len(), 2, "each once");
    cluster.clear().await;
}
