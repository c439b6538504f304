use keyward_stack::process::Signal;
use keyward_tests::{Cluster, Reply, until};
use reqwest::Method;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread")]
async fn requests_in_flight_are_answered_after_sigterm() {
    let cluster = Cluster::with(&[("DATABASE_POOL_SIZE", "4")]).await;
    let api = cluster.start_api().await;
    let worker = cluster.start_worker().await;
    let ada = cluster.account("ada").await;
    cluster.settle().await;

    let mut logins = JoinSet::new();
    for n in 0..12 {
        let request = cluster.request(Method::POST, "/v1/sessions").json(&ada.credentials());
        let request = request.header("x-request-id", format!("login-{n}"));
        logins.spawn(async move {
            let response = request.send().await?;
            let (status, headers) = (response.status(), response.headers().clone());
            Ok::<_, reqwest::Error>(Reply { status, headers, text: response.text().await? })
        });
    }
    // Password hashing is slow, so the others are queued.
    logins.join_next().await.unwrap().unwrap().unwrap().expect(201);
    api.process.signal(Signal::SIGTERM);
    let answers = logins.join_all().await;

    for answer in answers {
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, 201, "{}\n{}", answer.text, api.log());
    }
    api.stopped().await;
    let sessions: i64 =
        sqlx::query_scalar("select count(*) from sessions").fetch_one(&cluster.db).await.unwrap();
    assert_eq!(sessions, 12, "every 201 has a session in Postgres");
    worker.stop().await;
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_in_the_backlog_are_answered_after_sigterm() {
    use std::io::{Read as _, Write as _};

    let (cluster, api, _worker) = Cluster::running().await;
    let address = cluster.url.replace("http://", "");
    // While it is paused, connections wait in the backlog.
    api.process.pause();
    let mut waiting: Vec<_> =
        (0..20).map(|_| std::net::TcpStream::connect(&address).unwrap()).collect();

    api.process.signal(Signal::SIGTERM);
    api.process.signal(Signal::SIGCONT);

    let talk = tokio::task::spawn_blocking(move || {
        let mut answers = Vec::new();
        for stream in &mut waiting {
            stream.write_all(b"GET /health/live HTTP/1.0\r\n\r\n").unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answers.push(answer);
        }
        answers
    });
    for answer in talk.await.unwrap() {
        assert!(
            answer.starts_with("HTTP/1.0 200") || answer.starts_with("HTTP/1.1 200"),
            "{answer}"
        );
    }
    api.stopped().await;
    cluster.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_connection_gets_one_last_answer_after_sigterm() {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
    };

    const QUESTION: &[u8] = b"GET /health/live HTTP/1.1\r\nhost: keyward\r\n\r\n";
    let (cluster, api, _worker) = Cluster::running().await;
    let address = cluster.url.replace("http://", "");
    let mut kept = TcpStream::connect(&address).await.unwrap();
    kept.write_all(QUESTION).await.unwrap();
    let mut answer = [0; 4096];
    let length = kept.read(&mut answer).await.unwrap();
    let first = String::from_utf8_lossy(&answer[..length]).into_owned();

    api.process.signal(Signal::SIGTERM);
    until("no connection is accepted", async || {
        TcpStream::connect(&address).await.is_err().then_some(())
    })
    .await;
    kept.write_all(QUESTION).await.unwrap();
    let mut last = String::new();
    kept.read_to_string(&mut last).await.unwrap();

    assert!(first.starts_with("HTTP/1.1 200") && !first.contains("connection: close"), "{first}");
    assert!(last.starts_with("HTTP/1.1 200") && last.contains("connection: close"), "{last}");
    api.stopped().await;
    cluster.clear().await;
}
