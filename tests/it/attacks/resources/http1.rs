//! HTTP/1.1.

use std::time::Duration;

use futures_util::future::join_all;
use keyward_tests::hostile::CUT_OFF;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::Target;

/// Number of connections of the attacker.
const CONNECTIONS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn slow_reads_keep_neither_memory_nor_connections() {
    let target = Target::new().await;

    let attack = async {
        let request = b"GET /docs HTTP/1.1\r\nhost: x\r\n\r\n";
        let mut open = join_all((0..CONNECTIONS).map(|_| target.open(request))).await;
        // A byte from time to time shows that the client is alive.
        let drip = async {
            while target.held() > 0 {
                for stream in open.iter_mut().flatten() {
                    let _ = stream.write_all(b"G").await;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        assert!(tokio::time::timeout(CUT_OFF, drip).await.is_ok(), "{} are open", target.held());
    };
    target.withstands(attack).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pipelined_requests_keep_neither_memory_nor_connections() {
    let target = Target::new().await;
    let requests = b"GET /docs HTTP/1.1\r\nhost: x\r\n\r\n".repeat(20_000);

    let attack = async {
        let _open = join_all((0..CONNECTIONS / 5).map(|_| target.open(&requests))).await;
        target.cuts_off().await;
    };
    target.withstands(attack).await;
}

/// Reads what the server sends, with pauses of 50 ms after so many bytes; then, without a pause, the
/// rest.
async fn read_slowly(mut stream: TcpStream, bytes: u64, pauses: usize) -> Vec<u8> {
    let mut answer = Vec::new();
    for _ in 0..pauses {
        if (&mut stream).take(bytes).read_to_end(&mut answer).await.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_but_steady_reader_gets_all_of_a_large_response() {
    let target = Target::with(&[("HTTP_TIMEOUT_S", "1")]).await;
    // Several responses, because the kernel can hold some on behalf of the client.
    let request = |connection: &str| {
        format!("GET /docs HTTP/1.1\r\nhost: x\r\nconnection: {connection}\r\n\r\n")
    };
    let requests = request("keep-alive").repeat(3) + &request("close");
    let ask = async || target.open(requests.as_bytes()).await.unwrap();
    let all = read_slowly(ask().await, 0, 0).await;

    // 100 kB/s for four times the timeout.
    let answer = read_slowly(ask().await, 5_000, 80).await;

    assert_eq!(answer.len(), all.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_of_single_bytes_keep_neither_memory_nor_connections() {
    let target = Target::new().await;

    let attack = async {
        let request = b"GET /docs HTTP/1.1\r\nhost: x\r\n\r\n";
        let open = join_all((0..CONNECTIONS).map(|_| target.open(request))).await;
        let read = open.into_iter().flatten().map(|stream| read_slowly(stream, 1, usize::MAX));
        let cut_off = tokio::time::timeout(CUT_OFF, target.cuts_off());
        tokio::select! {
            _ = join_all(read) => {}
            cut_off = cut_off => assert!(cut_off.is_ok()),
        }
    };
    target.withstands(attack).await;
}
