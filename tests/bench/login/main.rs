//! Measures logins, and other requests during a burst of logins: `make bench-login`.
//!
//! The API runs as a separate process. The samples of a round are taken one after the other, so that
//! other load on the machine affects all kinds alike.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark panics on failure and prints its results"
)]

mod api;
mod load;

use std::time::Duration;

use keyward_tests::{Options, Tokens, World};

use api::Api;
use load::{Sample, Who};

const ROUNDS: u32 = 5;
const SAMPLE: Duration = Duration::from_secs(3);
/// Concurrent logins: enough to use all cores, too few to fill the queue.
const CLIENTS: usize = 8;
/// Concurrent logins of the burst.
const BURST: usize = 64;

#[tokio::main]
async fn main() {
    let world = World::with(Options::default().without_worker()).await;
    let api = Api::start(&world).await;
    let mut people = Vec::new();
    for nth in 0..CLIENTS {
        people.push(world.register(&format!("person-{nth}")).await);
    }
    world.sql("update users set email_verified_at = now()").await;
    let reply = api.log_in(&people[0]).await;
    let me = Who::Me(Tokens::of(&reply.expect(201)).access);
    let wrong_passwords = people.iter().map(|person| person.with_password("a wrong passphrase"));
    let (right, wrong) = (Who::LogIn(people.clone()), Who::LogIn(wrong_passwords.collect()));
    println!("{} cores, {ROUNDS} rounds of {SAMPLE:?} each", load::cores());

    let (mut raw, mut logins) = (Vec::new(), Vec::new());
    let [mut idle, mut during_burst, mut burst, mut hung_up] = [const { Vec::new() }; 4];
    let rss_before = api.rss_mib();
    let mut rss_most = rss_before;
    for _ in 0..ROUNDS {
        raw.push(load::raw_hashes(SAMPLE).await);
        logins.push(load::run(&api, &right, CLIENTS, SAMPLE).await);
        idle.push(load::run(&api, &me, 4, SAMPLE).await);
        let both = tokio::join!(
            load::run(&api, &wrong, BURST, SAMPLE),
            load::paced(&api, &me, 4, SAMPLE),
        );
        rss_most = rss_most.max(api.rss_mib());
        burst.push(both.0);
        during_burst.push(both.1);
        let gone = tokio::join!(
            load::hang_up(&api, &people[0], BURST, SAMPLE),
            load::paced(&api, &me, 4, SAMPLE),
        );
        rss_most = rss_most.max(api.rss_mib());
        hung_up.push(gone.1);
    }

    let raw_per_s = raw.iter().sum::<f64>() / f64::from(ROUNDS);
    let (logins, idle) = (Sample::all(logins), Sample::all(idle));
    let (burst, during_burst, hung_up) =
        (Sample::all(burst), Sample::all(during_burst), Sample::all(hung_up));
    println!("argon2id alone, all cores      {raw_per_s:8.1} /s");
    println!("POST /v1/sessions              {:8.1} /s   {}", logins.per_s(201), logins.statuses());
    println!(
        "  relative to argon2id alone   {:8.2}      (target: 0.90)",
        logins.per_s(201) / raw_per_s
    );
    println!("GET /v1/users/me               {:8.1} /s   {}", idle.per_s(200), idle.times());
    println!(
        "  during {BURST} concurrent logins             {} (target: p99 < 50 ms)",
        during_burst.times()
    );
    println!("  during {BURST} aborted logins                {}", hung_up.times());
    println!("  responses to the burst                  {}", burst.statuses());
    println!(
        "resident memory                {rss_before:8} MiB before, {rss_most} maximum, {} after",
        api.rss_mib()
    );
    assert_eq!(
        during_burst.statuses(),
        format!("200: {}", during_burst.count()),
        "no other client was refused"
    );
    api.stop().await;
}
