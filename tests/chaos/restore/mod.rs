//! Postgres is restored from a backup, and the stream, Redis and the mailboxes are newer.

mod witnesses;

use std::collections::{BTreeMap, BTreeSet};

use async_nats::jetstream::consumer::pull::OrderedConfig;
use futures_util::StreamExt as _;
use keyward_tests::{Rng, until};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    CLIENTS, RECOVERY_TIMEOUT,
    actors::Actors,
    clients::Clients,
    helpers::sleep_below,
    history::{History, Person},
    recovered,
};

/// Documented responses of the clients before the backup, and of those who lose their changes.
const RESPONSES: usize = 150;

/// Takes a backup under load, loses everything after it, and follows `docs/operate/backups.md`. Returns
/// what the clients know of the accounts that lost nothing.
pub(crate) async fn restore(actors: &mut Actors, rng: &mut Rng) -> History {
    let early = load(actors, "early").await;
    assert!(early.reach(RESPONSES, RECOVERY_TIMEOUT).await, "the clients make no progress");
    let mut history = early.stop().await;
    let mut witnesses = witnesses::Witnesses::of(actors).await;

    let late = load(actors, "late").await;
    assert!(late.reach(RESPONSES, RECOVERY_TIMEOUT).await, "the clients make no progress");
    actors.cluster.stack.postgres.back_up().await.unwrap();
    witnesses.make_changes_that_are_lost(actors).await;
    assert!(late.reach(RESPONSES, RECOVERY_TIMEOUT).await, "the clients make no progress");
    sleep_below(rng, 2_000).await;
    let late = late.stop().await;

    let before = Records::of(&actors.cluster.db).await;
    // Half of the operators forget to stop one API, and accept the loss only later.
    let is_careless = rng.below(2) == 0;
    actors.kill_api(0).await;
    if !is_careless {
        actors.kill_api(1).await;
    }
    for number in 0..2 {
        actors.kill_worker(number).await;
    }
    actors.cluster.stack.postgres.restore().await.unwrap();
    let after = Records::of(&actors.cluster.db).await;
    assert!(actors.cluster.run("migrate", &[]).await.0, "the restored database is migrated");

    let lost = before.events_without(&after);
    report_names(actors, &lost).await;
    if is_careless {
        let api = actors.apis[1].as_ref().unwrap();
        until("the running API notices that the database has gone back", async || {
            api.log().contains("the database is older than before").then_some(())
        })
        .await;
        actors.start_api(0).await;
    } else {
        accept(actors).await;
        actors.start_api(0).await;
        actors.start_api(1).await;
    }
    for number in 0..2 {
        actors.start_worker(number).await;
    }
    witnesses.check(actors).await;
    if is_careless {
        accept(actors).await;
    }
    assert!(recovered(actors).await.is_some(), "pending events of the backup are processed");

    let affected: BTreeSet<_> = lost.values().flatten().copied().collect();
    let kept = |person: &Person| {
        before.users.get(&person.email).is_some_and(|user| !affected.contains(user))
    };
    history.add(History { people: late.people.into_iter().filter(kept).collect(), ..late });
    history.lost_mails =
        before.mails.keys().filter(|id| !after.mails.contains_key(id)).copied().collect();
    let is_open = |state: &str| ["planned", "sending", "deferred"].contains(&state);
    let open = after.mails.into_iter().filter(|(_, state)| is_open(state));
    history.repeated_mails = open.map(|(id, _)| id).collect();
    let operator = if is_careless { "a careless" } else { "a careful" };
    println!("{} events of {} accounts are lost, {operator} operator", lost.len(), affected.len());
    history
}

async fn load(actors: &Actors, name: &str) -> Clients {
    Clients::start(name, CLIENTS, actors.urls(), &actors.cluster.mail)
}

/// `reconcile` names the lost events that the stream has, and no other.
async fn report_names(actors: &Actors, lost: &BTreeMap<Uuid, Option<Uuid>>) {
    let published = stream(actors).await;
    let expected: BTreeSet<_> = lost.keys().filter(|id| published.contains(id)).copied().collect();
    assert!(!expected.is_empty(), "the stream has nothing that is lost");

    let (is_ok, output) = actors.cluster.run("keyward-worker", &["reconcile", "--all"]).await;

    let named: BTreeSet<Uuid> = output
        .lines()
        .filter_map(|line| line.strip_prefix("unknown: ")?.split(' ').next()?.parse().ok())
        .collect();
    assert!(!is_ok, "{output}");
    assert_eq!(named, expected, "{output}");
    assert!(output.contains("reconcile --accept-loss"), "{output}");
}

/// Accepts the loss.
async fn accept(actors: &Actors) {
    let args = ["reconcile", "--accept-loss"];
    let (is_ok, output) = actors.cluster.run("keyward-worker", &args).await;
    assert!(is_ok, "{output}");
}

/// The events of the stream.
async fn stream(actors: &Actors) -> BTreeSet<Uuid> {
    let jetstream = async_nats::jetstream::new(actors.cluster.nats().await);
    let stream = jetstream.get_stream("keyward-events").await.unwrap();
    let count = stream.cached_info().state.messages as usize;
    let config = OrderedConfig { headers_only: true, ..OrderedConfig::default() };
    let messages = stream.create_consumer(config).await.unwrap().messages().await.unwrap();
    let ids = messages.take(count).map(|message| -> Option<Uuid> {
        let headers = message.ok()?.headers.clone()?;
        headers.get("Nats-Msg-Id")?.as_str().split(':').next()?.parse().ok()
    });
    ids.filter_map(async |id| id).collect().await
}

/// What a database has.
struct Records {
    /// Events and their accounts.
    events: BTreeMap<Uuid, Option<Uuid>>,
    /// Emails and their states.
    mails: BTreeMap<Uuid, String>,
    /// Addresses and their accounts.
    users: BTreeMap<String, Uuid>,
}

impl Records {
    async fn of(db: &PgPool) -> Self {
        let events = sqlx::query_as("select event_id, user_id from outbox");
        let mails = sqlx::query_as("select mail_id, state from mails");
        let users = sqlx::query_as("select email, user_id from users");
        Self {
            events: events.fetch_all(db).await.unwrap().into_iter().collect(),
            mails: mails.fetch_all(db).await.unwrap().into_iter().collect(),
            users: users.fetch_all(db).await.unwrap().into_iter().collect(),
        }
    }

    /// The events that another database does not have.
    fn events_without(&self, other: &Self) -> BTreeMap<Uuid, Option<Uuid>> {
        let lost = self.events.iter().filter(|(id, _)| !other.events.contains_key(id));
        lost.map(|(id, user)| (*id, *user)).collect()
    }
}
