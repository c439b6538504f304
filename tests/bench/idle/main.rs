//! Measures what an idle worker and an idle API cost: `make bench-idle`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark panics on failure and prints its results"
)]

use std::{fs, time::Duration};

use keyward_tests::{Cluster, Program};
use tokio::time::{Instant, sleep};

/// Time in which connections that were needed at the start are closed.
const SETTLE: Duration = Duration::from_secs(190);
const SAMPLE: Duration = Duration::from_secs(60);
/// The kernel counts CPU time in hundredths of a second.
const TICKS_PER_S: f64 = 100.0;

#[tokio::main]
async fn main() {
    let cluster = Cluster::new().await;
    let (api, worker) = (cluster.start_api().await, cluster.start_worker().await);
    sleep(SETTLE).await;
    let (began_at, before_s) = (Instant::now(), [&api, &worker].map(cpu_s));
    sleep(SAMPLE).await;
    let (took_s, after_s) = (began_at.elapsed().as_secs_f64(), [&api, &worker].map(cpu_s));
    let both = connections(&cluster).await;
    worker.stop().await;
    let of_api = connections(&cluster).await;
    for (nth, (name, count)) in [("API", of_api), ("worker", both - of_api)].iter().enumerate() {
        let percent = (after_s[nth] - before_s[nth]) / took_s * 100.0;
        println!("idle {name}: {percent:.2} % of a core, {count} connections to Postgres");
    }
    drop(api);
    cluster.clear().await;
}

/// CPU time so far, in user and kernel mode.
fn cpu_s(program: &Program) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", program.process.pid())).unwrap();
    let fields: Vec<_> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    // utime and stime are the fields 14 and 15; state is 3.
    let ticks = |nth: usize| fields[nth - 3].parse::<f64>().unwrap();
    (ticks(14) + ticks(15)) / TICKS_PER_S
}

/// Connections of our programs to the database.
async fn connections(cluster: &Cluster) -> i64 {
    let statement = "select count(*) from pg_stat_activity where datname = current_database()";
    let all: i64 = sqlx::query_scalar(statement).fetch_one(&cluster.db).await.unwrap();
    all - i64::from(cluster.db.size())
}
