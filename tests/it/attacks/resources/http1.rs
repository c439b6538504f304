//! HTTP/1.1.

use futures_util::future::join_all;
use keyward_tests::hostile::CUT_OFF;
use tokio::io::AsyncWriteExt as _;

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
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
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
