//! PgBouncer between the programs and Postgres.

use std::os::unix::fs::MetadataExt as _;

use keyward_stack::{
    find,
    process::{Launch, Process, Signal},
};
use keyward_tests::{Cluster, until};

/// PgBouncer. It changes its user, and so would survive the test.
struct Pooler(Process);

impl Drop for Pooler {
    fn drop(&mut self) {
        self.0.signal(Signal::SIGKILL);
    }
}

/// Starts PgBouncer in front of Postgres, and makes it the database of all programs. None if it is
/// not installed.
fn start_pooler(cluster: &mut Cluster, more: &str) -> Option<Pooler> {
    let Some(program) = find::on_path("pgbouncer").into_iter().next() else {
        eprintln!("skipped: pgbouncer is not installed");
        return None;
    };
    let mut url: url::Url = cluster.stack.urls().database.parse().unwrap();
    let listens: url::Url = cluster.free_url("pgbouncer").parse().unwrap();
    let port = listens.port().unwrap();
    // It does not run as root.
    let is_root = std::fs::metadata(cluster.scratch.path()).unwrap().uid() == 0;
    let user = if is_root { "user = postgres" } else { "" };
    let config = format!(
        "[databases]\n* = host=127.0.0.1 port={} user={} password={}\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
         auth_type = any\npool_mode = transaction\n{user}\n{more}\n",
        url.port().unwrap(),
        url.username(),
        url.password().unwrap(),
    );
    let file = cluster.scratch.path().join("pgbouncer.ini");
    std::fs::write(&file, config).unwrap();
    url.set_port(Some(port)).unwrap();
    cluster.set("DATABASE_URL", url.as_str());
    let log = std::fs::File::create(cluster.scratch.path().join("pgbouncer.log")).unwrap();
    Some(Pooler(Launch::new(program).args([&file]).output(log).unwrap().spawn().unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn pooler_in_transaction_mode_is_refused_in_words() {
    for more in ["", "ignore_startup_parameters = options"] {
        let mut cluster = Cluster::new().await;
        let Some(_pooler) = start_pooler(&mut cluster, more) else { return };

        let output = until("migrate refuses it", async || {
            let (succeeded, output) = cluster.run("migrate", &[]).await;
            assert!(!succeeded, "{output}");
            output.contains("PgBouncer").then_some(output)
        })
        .await;
        assert!(!output.contains("panicked"), "{output}");

        let (_api, worker) = cluster.launch_both();
        until("the API says why", async || {
            let ready = cluster.client.get(format!("{}/health/ready", cluster.url));
            let body: serde_json::Value = ready.send().await.ok()?.json().await.ok()?;
            (body["reason"] == "session_settings").then_some(())
        })
        .await;
        until("the worker says why", async || {
            let ready = cluster.client.get(format!("{}/health/ready", worker.ops));
            let text = ready.send().await.ok()?.text().await.ok()?;
            text.contains("PgBouncer").then_some(())
        })
        .await;
        cluster.clear().await;
    }
}
