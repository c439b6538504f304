use std::{collections::BTreeSet, fs};

use crate::sources::root;

const RUNBOOKS: &str = "docs/operate/runbooks";

/// An alert: its lines in alerts.yml.
struct Alert {
    name: String,
    lines: Vec<String>,
}

impl Alert {
    /// The value of `name:`.
    fn value(&self, name: &str) -> &str {
        let found = self.lines.iter().find_map(|line| line.trim().strip_prefix(name));
        let found = found.and_then(|rest| rest.strip_prefix(": "));
        found.unwrap_or_else(|| panic!("{} has no {name}", self.name)).trim_matches('"')
    }
}

fn alerts() -> Vec<Alert> {
    let text = fs::read_to_string(root().join("deploy/prometheus/alerts.yml")).unwrap();
    let mut alerts: Vec<Alert> = Vec::new();
    for line in text.lines() {
        match (line.trim().strip_prefix("- alert: "), alerts.last_mut()) {
            (Some(name), _) => alerts.push(Alert { name: name.to_owned(), lines: vec![] }),
            (None, Some(alert)) => alert.lines.push(line.to_owned()),
            (None, None) => {}
        }
    }
    assert!(alerts.len() > 10, "too few alerts were read");
    alerts
}

#[test]
fn every_alert_has_a_severity_a_summary_and_a_runbook() {
    for alert in alerts() {
        let severity = alert.value("labels");
        assert!(
            ["{ severity: critical }", "{ severity: warning }"].contains(&severity),
            "{}: {severity}",
            alert.name
        );
        assert!(!alert.value("for").is_empty() && !alert.value("description").is_empty());
        assert!(alert.value("summary").len() < 60, "{}: the summary is too long", alert.name);
        let page = alert.value("runbook_url");
        let text = fs::read_to_string(root().join(page))
            .unwrap_or_else(|error| panic!("{}: {page}: {error}", alert.name));
        let severity = severity.trim_matches(['{', '}', ' ']).replace("severity: ", "");
        let head = format!("Alert: `{}`, {severity}.", alert.name);
        assert!(text.contains(&head), "{page} does not contain {head:?}");
        let title = text.lines().next().unwrap();
        assert_eq!(title, format!("# {}", alert.value("summary")), "{page}");
        for part in ["**What it means.**", "**Look", "**Do.**", "**It ends**"] {
            assert!(text.contains(part), "{page} has no {part}");
        }
    }
}

#[test]
fn every_runbook_belongs_to_an_alert() {
    let known: BTreeSet<String> =
        alerts().iter().map(|alert| alert.value("runbook_url").to_owned()).collect();
    for entry in fs::read_dir(root().join(RUNBOOKS)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let page = format!("{RUNBOOKS}/{name}");
        assert!(known.contains(&page), "{page} has no alert");
    }
}

#[test]
fn links_and_metrics_of_runbooks_exist() {
    let dashboard = fs::read_to_string(root().join("deploy/grafana/keyward.json")).unwrap();
    for entry in fs::read_dir(root().join(RUNBOOKS)).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let file = link.split('#').next().unwrap();
            assert!(path.with_file_name(file).exists(), "{}: {link}", path.display());
        }
        // Metrics named here are on the dashboard.
        for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            let is_metric = word.starts_with("keyward_") || word.starts_with("process_");
            assert!(!is_metric || dashboard.contains(word), "{}: {word}", path.display());
        }
    }
}
