//! What the worker logs about the durability of NATS acknowledgements.

use keyward_tests::{Cluster, until};

/// The line in a worker's log about NATS.
async fn output(cluster: Cluster) -> String {
    let worker = cluster.start_worker().await;
    let line = async || {
        let log = worker.log();
        log.lines().find(|line| line.contains("on disk")).map(str::to_owned)
    };
    let line = until("the worker logs the durability of NATS", line).await;
    worker.kill().await;
    cluster.clear().await;
    line
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledgements_before_the_write_cause_a_warning() {
    let line = output(Cluster::new().await).await;
    assert!(line.contains("WARN") && line.contains("before they are on disk"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledgements_after_the_write_cause_no_warning() {
    let line = output(Cluster::durable(&[]).await).await;
    assert!(line.contains("INFO") && line.contains("when they are on disk"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_durability_causes_a_warning() {
    let line = output(Cluster::with(&[("NATS_MONITORING_URL", "")]).await).await;
    assert!(line.contains("WARN") && line.contains("is unknown"), "{line}");
}
