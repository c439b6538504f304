//! Clients that are slow, silent, too many or disconnected.

use std::time::{Duration, Instant};

use keyward_tests::{Options, World};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const HEAD: &str = "POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";

/// A connection to the API.
async fn connect(world: &World) -> TcpStream {
    TcpStream::connect(&world.url["http://".len()..]).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_are_dropped() {
    let world = World::with(Options::default().set("HTTP_TIMEOUT_S", 2)).await;
    let body = format!("{HEAD}content-length: 5000\r\n\r\n{{");
    let chunks = format!("{HEAD}transfer-encoding: chunked\r\n\r\n1000\r\n{{");
    let idle = "GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n";
    let ask = async |start: &str, byte| world.drip(start, byte).await;

    let (silent, head, body, chunks, idle, preface) = tokio::join!(
        ask("", None),
        ask(HEAD, Some(b'a')),
        ask(&body, Some(b' ')),
        ask(&chunks, Some(b' ')),
        ask(idle, None),
        ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", None),
    );

    for (what, (_, after)) in [
        ("silent", &silent),
        ("head", &head),
        ("body", &body),
        ("chunks", &chunks),
        ("idle", &idle),
        ("preface", &preface),
    ] {
        let in_time = Duration::from_millis(1_500)..Duration::from_secs(12);
        assert!(in_time.contains(after), "{what}: {after:?}");
    }
    for (answer, _) in [body, chunks] {
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("\"code\":\"too_slow\""), "{answer}");
    }
    assert!(idle.0.starts_with("HTTP/1.1 200 "), "{}", idle.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_connections_do_not_block_other_clients() {
    let world = World::with(Options::default().set("HTTP_MAX_CONNECTIONS", 8)).await;
    let (ada, token) = world.logged_in("ada").await;
    let mut connections = Vec::new();

    for _ in 0..50 {
        connections.push(connect(&world).await);
    }

    let began_at = Instant::now();
    world.get("/health/live").await.expect(200);
    world.me(&token).await.expect(200);
    world.log_in(&ada).await;
    assert!(began_at.elapsed() < Duration::from_secs(10), "{:?}", began_at.elapsed());
    let mut left = 0;
    for mut stream in connections {
        let mut byte = [0];
        let read = tokio::time::timeout(Duration::from_millis(20), stream.read(&mut byte)).await;
        left += usize::from(read.is_err());
    }
    assert!(left <= 8, "{left} connections are still open");
}

#[tokio::test(flavor = "multi_thread")]
async fn request_of_a_disconnected_client_is_not_executed() {
    let world = World::new().await;
    let ada = world.account("ada").await;
    let body = ada.credentials().to_string();
    let request = format!("{HEAD}content-length: {}\r\n\r\n{body}", body.len());

    for _ in 0..40 {
        let mut stream = connect(&world).await;
        stream.write_all(request.as_bytes()).await.unwrap();
    }
    world.log_in(&ada).await;

    let sessions = world.count("sessions").await;
    assert!(sessions < 20, "{sessions} sessions of disconnected clients");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_checks_run_no_queries() {
    let world = World::with(Options::default().without_worker()).await;
    world.app.read.close();
    world.app.write.close();

    let began_at = Instant::now();
    for _ in 0..300 {
        world.get("/health/live").await.expect(200);
        let ready = world.get("/health/ready").await.status.as_u16();
        assert!([200, 503].contains(&ready), "{ready}");
    }

    assert!(began_at.elapsed() < Duration::from_secs(10), "{:?}", began_at.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_request_head_is_rejected() {
    let world = World::new().await;

    let head =
        format!("GET /health/live HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n", "a".repeat(70_000));
    let answer = world.send_raw(head).await;

    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}
