//! Whether an operator is told what the acknowledgements of NATS are worth.

use keyward_tests::{House, until};

/// What the log of a worker says about NATS.
async fn said(house: House) -> String {
    let worker = house.start_worker().await;
    let line = async || {
        let log = worker.log();
        log.lines().find(|line| line.contains("on disk")).map(str::to_owned)
    };
    let line = until("the worker says what NATS has on disk", line).await;
    worker.kill().await;
    house.clear().await;
    line
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_acknowledges_before_it_writes_is_warned_of_at_the_start() {
    let line = said(House::new().await).await;
    assert!(line.contains("WARN") && line.contains("before they are on disk"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_writes_before_it_acknowledges_is_not() {
    let line = said(House::solid(&[]).await).await;
    assert!(line.contains("INFO") && line.contains("has on disk"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn that_it_is_not_known_is_warned_of_too() {
    let line = said(House::with(&[("NATS_MONITORING_URL", "")]).await).await;
    assert!(line.contains("WARN") && line.contains("is not known"), "{line}");
}
