use std::time::{Duration, Instant};

use keyward_tests::{Account, Cluster, Follower, Program, until};
use reqwest::Method;
use serde_json::json;
use tokio::sync::mpsc;

/// Logouts in each phase.
const LOGOUTS: usize = 20;

/// Logs in at an API and out again. Returns the session and when the logout was answered.
async fn log_out(cluster: &Cluster, api: &Program, account: &Account) -> (String, Instant) {
    let request = cluster.client.post(format!("{}/v1/sessions", api.url));
    let login = cluster.send(request.json(&account.credentials())).await.expect(201).json();
    let request = cluster.client.delete(format!("{}/v1/sessions/current", api.url));
    let request = request.bearer_auth(login["access_token"].as_str().unwrap());
    cluster.send(request).await.expect(204);
    (login["session_id"].as_str().unwrap().to_owned(), Instant::now())
}

/// Follows as a verifier does, until the receiver is dropped.
async fn follow(mut follower: Follower, learned: mpsc::UnboundedSender<(String, Instant)>) {
    loop {
        if !matches!(follower.connect().await, Ok(None)) {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        }
        while let Some(event) = follower.next().await {
            let session = event["data"]["session_id"].as_str().unwrap().to_owned();
            if learned.send((session, Instant::now())).is_err() {
                return;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn follower_misses_no_logout_while_processes_restart() {
    let (mut cluster, mut first, mut worker) = Cluster::running().await;
    let second = cluster.start_another_api().await;
    let ada = cluster.account("ada").await;
    cluster.promote(&ada).await;
    let (access, _) = cluster.log_in(&ada).await;
    let body = json!({"name": "verifier", "scopes": ["revocations:read"]});
    let made = cluster.send_as(&access, Method::POST, "/v1/service-tokens", body).await.expect(201);
    let service = made.json()["token"].as_str().unwrap().to_owned();
    let (send, mut learned) = mpsc::unbounded_channel();
    let follower = Follower::new(&first.url, &service, None);
    let _follow = tokio::task::JoinSet::from_iter([follow(follower, send)]);

    let mut ended = Vec::new();
    for phase in ["nothing", "api", "worker", "nats"] {
        let began = ended.len();
        for nth in 0..LOGOUTS {
            match (phase, nth) {
                ("api", 5) => first.stop().await,
                ("api", 10) => first = cluster.start_api().await,
                ("worker", 5) => worker.stop().await,
                ("worker", 10) => worker = cluster.start_worker().await,
                ("nats", 5) => cluster.stack.nats.stop().await,
                ("nats", 10) => cluster.stack.nats.restart().await.unwrap(),
                _ => {}
            }
            ended.push(log_out(&cluster, &second, &ada).await);
        }
        let mut seen = Vec::new();
        while seen.len() < LOGOUTS {
            seen.push(learned.recv().await.unwrap());
        }

        let sessions = |list: &[(String, Instant)]| {
            list.iter().map(|(session, _)| session.clone()).collect::<Vec<_>>()
        };
        assert_eq!(sessions(&seen), sessions(&ended[began..]), "{phase}: complete and in order");
        let delays = seen.iter().zip(&ended[began..]);
        let mut delays: Vec<_> = delays
            .map(|((_, at), (_, answered))| at.saturating_duration_since(*answered))
            .collect();
        delays.sort_unstable();
        eprintln!("restart of {phase}: median {:?}, longest {:?}", delays[10], delays[LOGOUTS - 1]);
    }
    until("nothing is pending", async || learned.try_recv().is_err().then_some(())).await;
    cluster.clear().await;
}
