//! Fault tests: real processes, clients that record every confirmed change, a fault at a random time,
//! and checks of the final state.
//!
//! `make test` runs some faults once. `make chaos` runs all of them `ROUNDS` times and prints a
//! table; `SEED` repeats the random choices.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests panic on failure, run their own SQL and print results"
)]

mod actors;
mod checks;
mod clients;
mod faults;
mod helpers;
mod history;
mod hoarders;
mod next_release;
mod restore;
mod seeded_bugs;
mod starvation;
mod tolerance;
mod upgrade;

use std::{
    sync::{LazyLock, Mutex},
    time::{Duration, Instant},
};

use keyward_tests::{CpuQuota, Disk, Rng};
use libtest_mimic::{Arguments, Failed, Trial};

use crate::{
    actors::Actors, clients::Clients, faults::Fault, history::History, next_release::NEXT_RELEASE,
};

/// Number of clients. Password hashing dominates their load.
const CLIENTS: usize = 6;
/// Number of documented responses that the clients must receive after the fault.
const RESPONSES_AFTER: usize = 150;
/// Maximum time until all committed events have been processed.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(60);

/// A row of the table.
struct Row {
    fault: &'static str,
    requests: usize,
    mails: usize,
    recovered_after: Duration,
    /// Maximum time that stale state was returned after a change was confirmed.
    stale_for: Duration,
}

static TABLE: Mutex<Vec<Row>> = Mutex::new(Vec::new());

fn main() {
    let mut arguments = Arguments::from_args();
    // One at a time: recovery times are measured.
    arguments.test_threads = Some(1);
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let rounds = number("ROUNDS").unwrap_or(1);
    let seed = number("SEED").unwrap_or_else(|| Rng::default().number() % 1_000_000);
    let mut trials = vec![Trial::test("every_check_finds_its_seeded_bug", || {
        run(seeded_bugs::all_are_found());
        Ok(())
    })];
    for round in 0..rounds {
        trials.extend(Fault::ALL.iter().map(|fault| {
            let name = match rounds {
                1 => fault.name().to_owned(),
                _ => format!("{}::{round}", fault.name()),
            };
            let trial = Trial::test(name, move || run(run_fault(*fault, seed + round)));
            trial.with_ignored_flag(!fault.is_quick())
        }));
    }
    let mut skipped = Vec::new();
    if !can_mount() {
        skipped.push((Fault::DiskFull, "mounting is not permitted"));
    }
    if CpuQuota::of_cores(1.0).is_none() {
        let reason = "cgroups are not writable";
        skipped.extend([(Fault::Starved, reason), (Fault::Failover, reason)]);
    }
    for (fault, _) in &skipped {
        trials.retain(|trial| !trial.name().starts_with(fault.name()));
    }
    // nextest parses the list of tests: print nothing else.
    if !arguments.list {
        println!("SEED={seed}");
        for (fault, reason) in skipped {
            println!("skipped: {} ({reason})", fault.name());
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    print_table();
    conclusion.exit();
}

/// Whether this process may mount a small disk.
fn can_mount() -> bool {
    let folder = keyward_stack::folder::scratch("disk").unwrap();
    Disk::over(folder.path(), 1).is_some()
}

fn run<T>(trial: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(trial)
}

/// Runs one fault and checks its consequences.
async fn run_fault(fault: Fault, seed: u64) -> Result<(), Failed> {
    let mut rng = Rng::seeded(seed ^ fault as u64);
    if fault == Fault::Upgrade {
        LazyLock::force(&NEXT_RELEASE);
    }
    let mut actors = Actors::new(fault).await;
    let before = match fault {
        Fault::Restore => restore::restore(&mut actors, &mut rng).await,
        _ => History::default(),
    };
    let clients = Clients::start("client", CLIENTS, actors.urls(), &actors.cluster.mail);

    let burst = fault.inject(&mut actors, &mut rng).await;
    let recovered_after = recovered(&actors).await;
    let has_progress = clients.reach(RESPONSES_AFTER, RECOVERY_TIMEOUT).await;
    let mut history = clients.stop().await;
    history.add(burst);
    history.add(before);
    let settled = recovered(&actors).await;

    let mut violations = checks::all(&actors, &history, fault.tolerance()).await;
    if fault == Fault::Upgrade {
        let notices = upgrade::notices(&actors).await;
        violations.push(("I3 the jobs of the next release ran once", notices));
    }
    // Without successful clients the checks would prove nothing.
    let idle = history.people.iter().all(|person| !person.is_verified);
    let idle = idle.then(|| format!("no account was verified in {} requests", history.calls.len()));
    violations.push(("the clients made progress", idle.into_iter().collect()));
    violations.push(("I8 recovers without intervention", vec![]));
    let normal = &mut violations.last_mut().unwrap().1;
    for after in [recovered_after, settled] {
        if after.is_none() {
            normal.push(format!(
                "not after {RECOVERY_TIMEOUT:?}: {:?}",
                open(&actors, i64::MAX).await
            ));
        }
    }
    if !has_progress {
        normal.push(format!(
            "fewer than {RESPONSES_AFTER} documented responses within {RECOVERY_TIMEOUT:?}"
        ));
    }
    let failed: Vec<_> =
        violations.iter().filter(|(_, violations)| !violations.is_empty()).collect();
    if !failed.is_empty() {
        let logs = actors.cluster.keep();
        return Err(format!("SEED={seed} {failed:#?}\nlogs: {}", logs.display()).into());
    }
    TABLE.lock().unwrap().push(Row {
        fault: fault.name(),
        requests: history.calls.len(),
        mails: actors.cluster.mail.messages().len(),
        recovered_after: recovered_after.unwrap_or_default(),
        stale_for: history.stale.iter().map(|stale| stale.lasted).max().unwrap_or_default(),
    });
    actors.cluster.clear().await;
    Ok(())
}

/// Waits until all events committed so far have been processed. Returns how long that took; none if it
/// took longer than [`RECOVERY_TIMEOUT`].
async fn recovered(actors: &Actors) -> Option<Duration> {
    let began_at = Instant::now();
    let newest = loop {
        let newest = sqlx::query_scalar("select coalesce(max(position), 0) from outbox");
        match newest.fetch_one(&actors.cluster.db).await {
            Ok(newest) => break newest,
            Err(_) if began_at.elapsed() < RECOVERY_TIMEOUT => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(_) => return None,
        }
    };
    while began_at.elapsed() < RECOVERY_TIMEOUT {
        if open(actors, newest).await.is_ok_and(|open| open == (0, 0)) {
            return Some(began_at.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    None
}

/// The number of unprocessed events up to a position, and of their open jobs.
async fn open(actors: &Actors, newest: i64) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as(
        "with event as (select event_id from outbox where position <= $1)
         select (select count(*) from event where event_id in (select event_id from outbox_pending)),
                (select count(*) from apalis.jobs
                 where split_part(idempotency_key, '/', 1) in (select event_id::text from event)
                       and status not in ('Done', 'Killed'))",
    )
    .bind(newest)
    .fetch_one(&actors.cluster.db)
    .await
}

fn print_table() {
    let table = TABLE.lock().unwrap();
    if table.is_empty() {
        return;
    }
    println!("| fault | runs | requests | emails | median and longest recovery |");
    println!("|---|---:|---:|---:|---|");
    for fault in Fault::ALL.iter().map(|fault| fault.name()) {
        let rows: Vec<_> = table.iter().filter(|row| row.fault == fault).collect();
        if rows.is_empty() {
            continue;
        }
        let mut times: Vec<_> = rows.iter().map(|row| row.recovered_after).collect();
        times.sort();
        let (requests, mails) =
            rows.iter().fold((0, 0), |sum, row| (sum.0 + row.requests, sum.1 + row.mails));
        let (median, most) = (times[times.len() / 2], times[times.len() - 1]);
        println!(
            "| {fault} | {} | {requests} | {mails} | {:.1} s, {:.1} s |",
            rows.len(),
            median.as_secs_f64(),
            most.as_secs_f64()
        );
    }
    for row in table.iter().filter(|row| !row.stale_for.is_zero()) {
        println!("{}: stale state was returned for up to {:?}", row.fault, row.stale_for);
    }
}
