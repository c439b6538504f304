//! Whether an operator is told what the acknowledgements of NATS are worth.

use keyward_tests::{Cluster, until};

/// What the log of a worker says about NATS.
async fn said(cluster: Cluster) -> String {
    let worker = cluster.start_worker().await;
    let line = async || {
        let log = worker.log();
        log.lines().find(|line| line.contains("on disk")).map(str::to_owned)
    };
    let line = until("the worker says what NATS has on disk", line).await;
    worker.kill().await;
    cluster.clear().await;
    line
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_acknowledges_before_it_writes_is_warned_of_at_the_start() {
    let line = said(Cluster::new().await).await;
    assert!(line.contains("WARN") && line.contains("before they are on disk"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_writes_before_it_acknowledges_is_not() {
    let line = said(Cluster::solid(&[]).await).await;
    assert!(line.contains("INFO") && line.contains("has on disk"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn that_it_is_not_known_is_warned_of_too() {
    let line = said(Cluster::with(&[("NATS_MONITORING_URL", "")]).await).await;
    assert!(line.contains("WARN") && line.contains("is not known"), "{line}");
}
