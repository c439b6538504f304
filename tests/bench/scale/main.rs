//! Compares the cost of requests, pages and background work with many accounts and with ten times as
//! many: `make bench-scale`. `ACCOUNTS` sets the larger number.
//!
//! Both databases are on one server, and the samples alternate between them, so that other load on the
//! machine affects both. A row is printed with an asterisk if the cost grows by more than a fifth; the
//! plans of its statements follow the table.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark panics on failure, reads its size and prints its results"
)]

mod fill;
mod plans;
mod probes;
mod site;

use std::time::Duration;

use crate::{probes::Probe, site::Site};

/// Samples of each row.
const ROUNDS: u64 = 200;
/// The cost with ten times the data, relative to the cost without.
const LIMIT: f64 = 1.2;

#[tokio::main]
async fn main() {
    plans::install();
    let accounts = std::env::var("ACCOUNTS").map_or(1_000_000, |text| text.parse().unwrap());
    let mut small = Site::new(accounts / 10).await;
    let mut large = Site::new(accounts).await;
    println!(
        "\n{:<52} {:>10} {:>10} {:>6}",
        "median in ms", small.accounts, large.accounts, "ratio"
    );
    let mut expensive = Vec::new();
    for probe in Probe::all() {
        small.log_in().await;
        large.log_in().await;
        let (mut few, mut many) = (Vec::new(), Vec::new());
        // The first tenth warms the caches.
        for nth in 0..ROUNDS + ROUNDS / 10 {
            for (site, times) in [(&mut small, &mut few), (&mut large, &mut many)] {
                let took = probe.run(site, nth).await;
                if nth >= ROUNDS / 10 {
                    times.push(took);
                }
            }
        }
        let (few, many) = (median(few), median(many));
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        let mark = if ratio > LIMIT { "*" } else { "" };
        println!("{:<52} {:>10.2} {:>10.2} {ratio:>6.2} {mark}", probe.name, ms(few), ms(many));
        if ratio > LIMIT {
            expensive.push(probe);
        }
    }
    for probe in expensive {
        large.log_in().await;
        plans::print(&probe, &mut large, ROUNDS * 2).await;
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
