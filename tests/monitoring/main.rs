//! Alerts and dashboard with a real Prometheus: `make monitoring`.
//!
//! - The alert rules are valid and pass their unit tests (`promtool`).
//! - Every query of the dashboard and every metric of an alert has data while clients use the product.
//! - Each alert fires during the fault of its runbook, and resolves afterwards.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests panic on failure, run their own SQL and print results"
)]

mod faults;
mod people;
mod prometheus;

use std::{collections::BTreeSet, time::Duration};

use keyward_stack::{process::Launch, servers::program};
use keyward_tests::{Cluster, Program};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::{
    people::People,
    prometheus::{Prometheus, shipped},
};

/// Maximum time until every query has data.
const DATA_TIMEOUT: Duration = Duration::from_secs(90);

fn main() {
    // They need Prometheus and take minutes: `make monitoring` runs them.
    let trial = |name: &str, run: fn() -> Result<(), Failed>| {
        Trial::test(name, run).with_ignored_flag(true)
    };
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let trials = vec![
        trial("alert_rules_are_valid_and_pass_their_tests", || block_on(rules_hold())),
        trial("every_dashboard_and_alert_query_has_data", || block_on(all_have_data())),
        trial("every_alert_fires_during_its_fault_and_resolves", || block_on(faults::all())),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}

fn block_on(trial: impl Future<Output = ()>) -> Result<(), Failed> {
    tokio::runtime::Runtime::new()?.block_on(trial);
    Ok(())
}

async fn rules_hold() {
    for arguments in [["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]] {
        let promtool = Launch::new(program("promtool", "prometheus").await.unwrap());
        let run = promtool.folder(shipped("prometheus")).args(arguments).run();
        assert!(run.await.unwrap().success(), "promtool {}", arguments.join(" "));
    }
}

async fn all_have_data() {
    let cluster = Cluster::with(&people::SETTINGS).await;
    let (api, worker) = (cluster.start_api().await, cluster.start_worker().await);
    let rules = std::fs::read_to_string(shipped("prometheus/alerts.yml")).unwrap();
    let prometheus = Prometheus::start(&cluster, &api, &worker, &rules).await;
    let mut open = dashboard();
    let queries = open.len();
    for (_, expression) in prometheus.rules().await {
        open.extend(selectors(&expression));
    }
    println!("{queries} queries of the dashboard, {} selectors of alerts", open.len() - queries);
    assert!(queries > 40 && open.len() - queries > 12, "{open:#?}");

    let people = People::new(&cluster).await;
    let all_are_there = async {
        let deadline = Instant::now() + DATA_TIMEOUT;
        while !open.is_empty() && Instant::now() < deadline {
            for query in open.clone() {
                if prometheus.has_data(&query).await {
                    open.remove(&query);
                }
            }
            sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        ((), ()) = async { tokio::join!(people.use_product(), people.burst_of_logins()) } => {}
        () = all_are_there => {}
    }

    for program in [&api, &worker] {
        assert_valid(&cluster, program).await;
    }
    assert!(open.is_empty(), "no data after {DATA_TIMEOUT:?}: {open:#?}");
    cluster.clear().await;
}

/// Asserts that `promtool` accepts names, units and help texts of a process's metrics.
async fn assert_valid(cluster: &Cluster, process: &Program) {
    let file = cluster.scratch.path().join("metrics");
    std::fs::write(&file, cluster.metrics(process).await).unwrap();
    let promtool = Launch::new(program("promtool", "prometheus").await.unwrap());
    let check = promtool.args(["check", "metrics"]).input(std::fs::File::open(file).unwrap());
    assert!(check.run().await.unwrap().success(), "promtool check metrics");
}

/// Every query of the dashboard, as Grafana sends it.
fn dashboard() -> BTreeSet<String> {
    let text = std::fs::read_to_string(shipped("grafana/keyward.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let queries = targets.map(|target| target["expr"].as_str().unwrap());
    // Four scrape intervals, as in Grafana.
    queries.map(|query| query.replace("$__rate_interval", "10s")).collect()
}

/// The metrics of an expression: `name` or `name{labels}`.
fn selectors(expression: &str) -> Vec<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut rest = expression;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        let word = &rest[start..];
        let end = word.find(|c| !is_word(c)).unwrap_or(word.len());
        let labels = word[end..].starts_with('{').then(|| word.find('}').unwrap() + 1);
        let whole = labels.unwrap_or(end);
        if word.starts_with("keyward_") || &word[..end] == "up" {
            found.push(word[..whole].to_owned());
        }
        rest = &word[whole..];
    }
    found
}
