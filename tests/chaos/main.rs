//! The fault suite: real processes, clients that remember what they were promised, a fault at a
//! moment of chance, and a comparison of what is there with what must be.
//!
//! `make test` tries some faults once; `make chaos` tries them all, `ROUNDS` times each, and prints
//! a table. `SEED` makes the moments the same again.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests fail by panicking, speak SQL of their own and print what they found"
)]

mod checks;
mod clients;
mod crew;
mod faults;
mod history;
mod means;
mod plants;
mod tolerance;

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use keyward_tests::{Chance, Disk};
use libtest_mimic::{Arguments, Failed, Trial};

use crate::{clients::Clients, crew::Crew, faults::Fault};

/// Clients at a time; hashing passwords takes most of what they cost.
const CLIENTS: usize = 6;
/// So many answers more they get when the fault is over: some lives.
const AFTERMATH: usize = 150;
/// Longest time until everything that was committed has had its effect.
const RECOVERY: Duration = Duration::from_secs(60);

/// A line of the table.
struct Row {
    fault: &'static str,
    requests: usize,
    mails: usize,
    recovered_after: Duration,
}

static TABLE: Mutex<Vec<Row>> = Mutex::new(Vec::new());

fn main() {
    let mut arguments = Arguments::from_args();
    // One at a time: each has the machine for itself.
    arguments.test_threads = Some(1);
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let rounds = number("ROUNDS").unwrap_or(1);
    let seed = number("SEED").unwrap_or_else(|| Chance::default().number() % 1_000_000);
    let mut trials = vec![Trial::test("every_checker_finds_its_planted_bug", || {
        run(plants::all_are_found());
        Ok(())
    })];
    for round in 0..rounds {
        trials.extend(Fault::ALL.iter().map(|fault| {
            let name = match rounds {
                1 => fault.name().to_owned(),
                _ => format!("{}::{round}", fault.name()),
            };
            let trial = Trial::test(name, move || run(one(*fault, seed + round)));
            trial.with_ignored_flag(!fault.is_quick())
        }));
    }
    if !can_mount() {
        println!("not tried here: {} (it needs the right to mount)", Fault::DiskFull.name());
        trials.retain(|trial| !trial.name().starts_with(Fault::DiskFull.name()));
    }
    if !arguments.list {
        println!("SEED={seed}");
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    print_table();
    conclusion.exit();
}

/// Whether a small disk can be had.
fn can_mount() -> bool {
    let folder = keyward_stack::folder::scratch("disk").unwrap();
    Disk::over(folder.path(), 1).is_some()
}

fn run<T>(trial: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(trial)
}

/// One fault, and what it leaves.
async fn one(fault: Fault, seed: u64) -> Result<(), Failed> {
    let mut chance = Chance::seeded(seed ^ fault as u64);
    let mut crew = Crew::new(fault).await;
    let clients = Clients::start("client", CLIENTS, crew.urls(), &crew.cluster.mail);

    let crowd = fault.happen(&mut crew, &mut chance).await;
    let recovered_after = recovered(&crew).await;
    let go_on = clients.further(AFTERMATH, RECOVERY).await;
    let mut history = clients.stop().await;
    history.add(crowd);
    let settled = recovered(&crew).await;

    let mut against = checks::all(&crew, &history, fault.tolerance()).await;
    // Clients to whom nothing happened would prove nothing.
    let idle = history.people.iter().all(|person| !person.is_verified);
    let idle = idle.then(|| format!("of {} requests none got anywhere", history.calls.len()));
    against.push(("the clients were at work", idle.into_iter().collect()));
    against.push(("I8 back to normal by itself", vec![]));
    let normal = &mut against.last_mut().unwrap().1;
    for after in [recovered_after, settled] {
        if after.is_none() {
            normal.push(format!("not after {RECOVERY:?}: {:?}", open(&crew, i64::MAX).await));
        }
    }
    if !go_on {
        normal.push(format!("clients had no {AFTERMATH} good answers within {RECOVERY:?}"));
    }
    let failed: Vec<_> = against.iter().filter(|(_, against)| !against.is_empty()).collect();
    if !failed.is_empty() {
        let logs = crew.cluster.keep();
        return Err(format!("SEED={seed} {failed:#?}\nlogs: {}", logs.display()).into());
    }
    TABLE.lock().unwrap().push(Row {
        fault: fault.name(),
        requests: history.calls.len(),
        mails: crew.cluster.mail.messages().len(),
        recovered_after: recovered_after.unwrap_or_default(),
    });
    crew.cluster.clear().await;
    Ok(())
}

/// Waits until everything that is committed by now has had its effect; how long it took, nothing if
/// it took too long.
async fn recovered(crew: &Crew) -> Option<Duration> {
    let began_at = Instant::now();
    let newest = loop {
        let newest = sqlx::query_scalar("select coalesce(max(position), 0) from outbox");
        match newest.fetch_one(&crew.cluster.db).await {
            Ok(newest) => break newest,
            Err(_) if began_at.elapsed() < RECOVERY => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(_) => return None,
        }
    };
    while began_at.elapsed() < RECOVERY {
        if open(crew, newest).await.is_ok_and(|open| open == (0, 0)) {
            return Some(began_at.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    None
}

/// Events up to a position without an effect, and their jobs that are not done.
async fn open(crew: &Crew, newest: i64) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as(
        "with event as (select event_id from outbox where position <= $1)
         select (select count(*) from event where event_id not in (select event_id from inbox)),
                (select count(*) from apalis.jobs
                 where split_part(idempotency_key, '/', 1) in (select event_id::text from event)
                       and status not in ('Done', 'Killed'))",
    )
    .bind(newest)
    .fetch_one(&crew.cluster.db)
    .await
}

fn print_table() {
    let table = TABLE.lock().unwrap();
    if table.is_empty() {
        return;
    }
    println!("| fault | runs | requests | mails | recovered after (median, most) |");
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
}
