//! A real Prometheus with the configuration in `deploy/`.

use std::{collections::BTreeSet, fs::File, path::PathBuf, time::Duration};

use keyward_stack::{
    folder::{self, Scratch},
    process::{Launch, Process, Signal},
    servers::program,
};
use keyward_tests::{Cluster, Program, until};
use serde_json::Value;
use tokio::time::{Instant, sleep};

/// Maximum time until an alert fires, and until it resolves.
const ALERT_TIMEOUT: Duration = Duration::from_secs(60);
/// How often to ask for the alerts.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// The path of a file in `deploy/`.
pub(crate) fn shipped(file: &str) -> PathBuf {
    folder::repository().join("deploy").join(file)
}

/// A Prometheus that scrapes one API and one worker.
pub(crate) struct Prometheus {
    process: Process,
    url: String,
    client: reqwest::Client,
    _folder: Scratch,
}

impl Prometheus {
    /// Starts it with our configuration, except for the targets and a scrape interval of one second.
    /// `rules` are the alerts.
    pub(crate) async fn start(
        cluster: &Cluster,
        api: &Program,
        worker: &Program,
        rules: &str,
    ) -> Self {
        let folder = folder::scratch("prometheus").unwrap();
        let mut config = std::fs::read_to_string(shipped("prometheus/prometheus.yml")).unwrap();
        let address = |url: &str| url.replace("http://", "");
        for (usual, here) in [
            ("127.0.0.1:8082", address(&api.ops)),
            ("127.0.0.1:8081", address(&worker.ops)),
            ("15s", "1s".to_owned()),
        ] {
            assert!(config.contains(usual), "{usual} is missing in prometheus.yml");
            config = config.replace(usual, &here);
        }
        for (file, text) in [
            ("prometheus.yml", config.as_str()),
            ("alerts.yml", rules),
            ("viewer_password", cluster.setting("OPS_VIEWERS")),
        ] {
            std::fs::write(folder.path().join(file), text).unwrap();
        }
        let url = cluster.free_url("prometheus");
        let process = Launch::new(program("prometheus", "prometheus").await.unwrap())
            .folder(folder.path())
            .args([
                "--config.file=prometheus.yml".to_owned(),
                "--storage.tsdb.path=data".to_owned(),
                format!("--web.listen-address={}", address(&url)),
            ])
            .output(File::create(folder.path().join("log")).unwrap())
            .unwrap()
            .spawn()
            .unwrap();
        let prometheus = Self { process, url, client: reqwest::Client::new(), _folder: folder };
        until("Prometheus has scraped both", async || {
            let up = prometheus.try_query("sum(up)").await?;
            (up.first()?["value"][1] == "2").then_some(())
        })
        .await;
        prometheus
    }

    /// The current result of an expression.
    pub(crate) async fn query(&self, expression: &str) -> Vec<Value> {
        let found = self.try_query(expression).await;
        found.unwrap_or_else(|| panic!("{expression} cannot be evaluated"))
    }

    async fn try_query(&self, expression: &str) -> Option<Vec<Value>> {
        let request = self.client.post(format!("{}/api/v1/query", self.url));
        let answer = request.form(&[("query", expression)]).send().await.ok()?;
        let answer: Value = answer.json().await.ok()?;
        answer["data"]["result"].as_array().cloned()
    }

    /// Whether an expression has a result that is a number.
    pub(crate) async fn has_data(&self, expression: &str) -> bool {
        let samples = self.query(expression).await;
        samples.iter().any(|sample| sample["value"][1] != "NaN")
    }

    /// Name and expression of every alert.
    pub(crate) async fn rules(&self) -> Vec<(String, String)> {
        let answer = self.client.get(format!("{}/api/v1/rules", self.url)).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let rules = answer["data"]["groups"][0]["rules"].as_array().unwrap().iter();
        rules.map(|rule| (text(&rule["name"]), text(&rule["query"]))).collect()
    }

    /// The alerts that fire.
    pub(crate) async fn raised(&self) -> BTreeSet<String> {
        let alerts = self.query("ALERTS{alertstate=\"firing\"}").await;
        alerts.iter().map(|one| one["metric"]["alertname"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until all of these alerts have fired.
    pub(crate) async fn until_raised(&self, alerts: &[&str]) {
        let deadline = Instant::now() + ALERT_TIMEOUT;
        let mut missing: Vec<&str> = alerts.to_vec();
        while !missing.is_empty() {
            assert!(Instant::now() < deadline, "{missing:?} did not fire");
            let raised = self.raised().await;
            missing.retain(|alert| !raised.contains(*alert));
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Waits until none of these alerts fires.
    pub(crate) async fn until_none(&self, alerts: &[&str]) {
        let deadline = Instant::now() + ALERT_TIMEOUT;
        loop {
            let raised = self.raised().await;
            if !alerts.iter().any(|alert| raised.contains(*alert)) {
                return;
            }
            assert!(Instant::now() < deadline, "{raised:?} did not resolve");
            sleep(POLL_INTERVAL).await;
        }
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.process.signal(Signal::SIGKILL);
    }
}
