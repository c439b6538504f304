//! The faults that are injected at random times while clients use the cluster.

use std::time::Duration;

use keyward_stack::mail_sink::{Action, Behaviour, Stage, Stored};
use keyward_tests::{Rng, Traffic};
use tokio::time::sleep;

use crate::{
    CLIENTS,
    actors::Actors,
    clients::Clients,
    helpers::{
        drop_connections, fill_disk, kill_everything, limit_descriptors, pause_leader, poison,
        redis, retain_events, set_nats_back, shift_clocks, sleep_below,
    },
    history::History,
    hoarders::hoard,
    starvation::{fail_over, starve},
    upgrade::upgrade,
};

/// How long a burst lasts.
const BURST: Duration = Duration::from_secs(60);
/// How often an API and a worker are replaced: 20 restarts in total.
const RELEASES: usize = 10;
/// Number of unreadable messages.
pub(crate) const POISON: usize = 20;

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $name:ident $word:literal $quick:literal)+) => {
        /// A fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Fault { $($(#[doc = $doc])+ $name),+ }

        impl Fault {
            pub(crate) const ALL: &[Self] = &[$(Self::$name),+];

            /// Its name on the command line and in the table.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// Whether `make test` runs it.
            pub(crate) fn is_quick(self) -> bool {
                match self { $(Self::$name => $quick),+ }
            }
        }
    };
}

faults! {
    /// No fault, for comparison.
    Calm "calm" false
    /// An API is killed in the middle of commands.
    ApiKilled "api_killed" true
    /// A worker is killed, for example between publishing an event and marking it as published.
    WorkerKilled "worker_killed" true
    /// A worker is paused while its relay leads, and resumed once the other worker leads.
    WorkerPaused "worker_paused" false
    /// APIs and workers are replaced one at a time, as during a release, ten times.
    RollingRestart "rolling_restart" true
    /// The next release runs beside this one, which then returns, and goes again.
    Upgrade "upgrade" false
    /// NATS is stopped for a few seconds.
    NatsStopped "nats_stopped" false
    /// NATS is killed and restarted.
    NatsKilled "nats_killed" false
    /// NATS loses its store.
    NatsWiped "nats_wiped" true
    /// NATS loses its store, and the outbox retains a million events.
    BigStream "big_stream" false
    /// The store of NATS is replaced with an old copy.
    NatsSetBack "nats_set_back" true
    /// Postgres is killed and recovers.
    PostgresKilled "postgres_killed" true
    /// Postgres is paused for a few seconds.
    PostgresPaused "postgres_paused" false
    /// All connections of Postgres are dropped, repeatedly.
    PostgresDropsConnections "postgres_drops_connections" false
    /// Redis is stopped and restarts empty.
    RedisStopped "redis_stopped" false
    /// Redis is paused for a few seconds.
    RedisPaused "redis_paused" true
    /// Redis is flushed, repeatedly.
    RedisFlushed "redis_flushed" false
    /// Redis is out of memory.
    RedisFull "redis_full" false
    /// Replies of Postgres to one API and one worker are lost, so that these do not know the outcome of
    /// their commits.
    PostgresRepliesLost "postgres_replies_lost" true
    /// Replies of NATS to one API and one worker are lost, such as acknowledgements.
    NatsRepliesLost "nats_replies_lost" false
    /// One API and one worker cannot reach Redis; the others can.
    RedisOutOfReach "redis_out_of_reach" true
    /// The mail relay defers every email for a few seconds.
    MailDeferred "mail_deferred" false
    /// The mail relay refuses some emails permanently.
    MailRefused "mail_refused" false
    /// The mail relay does not reply for a few seconds.
    MailSilent "mail_silent" false
    /// The mail relay accepts emails, but its replies are lost.
    MailRepliesLost "mail_replies_lost" true
    /// The mail relay closes idle connections.
    MailIdle "mail_idle" false
    /// The stream contains unreadable messages.
    Poison "poison" false
    /// The disk with data, stream and logs is full, repeatedly.
    DiskFull "disk_full" false
    /// No program can open another file or connection, repeatedly.
    FewDescriptors "few_descriptors" false
    /// The clocks of one API and one worker are an hour or a day ahead or behind.
    ClocksOff "clocks_off" false
    /// Programs and servers are killed at random for `MINUTES` minutes (default 0.5); if `CORES` is set,
    /// Postgres, the workers and restarted APIs share so many cores.
    Everything "kill_minus_nine_over_everything" false
    /// All connections are dropped while Postgres and the workers share a twentieth of a core.
    Starved "starved" false
    /// Postgres is killed and restarted twice while it and the workers share 0.3 cores.
    Failover "failover" false
    /// Ten times the number of clients for a minute.
    Burst "burst" false
    /// Hostile clients hold all connections and streams that the APIs allow their network.
    Hoarders "hoarders" false
    /// Postgres is restored from a backup; everything else is newer.
    Restore "restore" false
}

impl Fault {
    /// Injects the fault and removes it. Returns the history of the clients that are part of the fault.
    pub(crate) async fn inject(self, actors: &mut Actors, rng: &mut Rng) -> History {
        sleep_below(rng, 1_000).await;
        if self == Self::Burst {
            let burst = Clients::start("burst", 10 * CLIENTS, actors.urls(), &actors.cluster.mail);
            sleep(BURST).await;
            return burst.stop().await;
        }
        self.run(actors, rng).await;
        History::default()
    }

    async fn run(self, actors: &mut Actors, rng: &mut Rng) {
        match self {
            Self::Calm | Self::Burst | Self::Restore => sleep_below(rng, 2_000).await,
            Self::ApiKilled => {
                for _ in 0..3 {
                    let one = rng.below(2);
                    actors.kill_api(one).await;
                    sleep_below(rng, 500).await;
                    actors.start_api(one).await;
                    sleep_below(rng, 500).await;
                }
            }
            Self::WorkerKilled => {
                for _ in 0..3 {
                    let one = rng.below(2);
                    actors.kill_worker(one).await;
                    sleep_below(rng, 500).await;
                    actors.start_worker(one).await;
                    sleep_below(rng, 500).await;
                }
            }
            Self::WorkerPaused => pause_leader(actors, rng).await,
            Self::RollingRestart => {
                for turn in 0..RELEASES {
                    actors.replace_api(turn % 2).await;
                    actors.replace_worker(turn % 2).await;
                    sleep_below(rng, 500).await;
                }
            }
            Self::Upgrade => upgrade(actors).await,
            Self::NatsStopped => {
                actors.cluster.stack.nats.stop().await;
                sleep_below(rng, 4_000).await;
                actors.cluster.stack.nats.restart().await.unwrap();
            }
            Self::NatsKilled => {
                for _ in 0..3 {
                    actors.cluster.stack.nats.kill().await;
                    sleep_below(rng, 500).await;
                    actors.cluster.stack.nats.restart().await.unwrap();
                    sleep_below(rng, 1_000).await;
                }
            }
            Self::NatsWiped => {
                // NATS is running: what it acknowledges from here on is lost. The removal may fail, because
                // NATS is still writing files.
                _ = std::fs::remove_dir_all(actors.cluster.stack.nats.store());
                sleep_below(rng, 2_000).await;
                for _ in 0..2 {
                    actors.cluster.stack.nats.wipe().await.unwrap();
                    sleep_below(rng, 2_000).await;
                }
            }
            Self::BigStream => {
                retain_events(actors).await;
                actors.cluster.stack.nats.wipe().await.unwrap();
            }
            Self::NatsSetBack => set_nats_back(actors, rng).await,
            Self::PostgresKilled => {
                for _ in 0..2 {
                    actors.cluster.stack.postgres.kill().await;
                    sleep_below(rng, 500).await;
                    actors.cluster.stack.postgres.restart().await.unwrap();
                    sleep_below(rng, 1_000).await;
                }
            }
            Self::PostgresPaused => {
                actors.cluster.stack.postgres.pause();
                sleep_below(rng, 5_000).await;
                actors.cluster.stack.postgres.resume();
            }
            Self::PostgresDropsConnections => {
                for _ in 0..5 {
                    drop_connections(actors).await;
                    sleep_below(rng, 700).await;
                }
            }
            Self::RedisStopped => {
                actors.cluster.stack.redis.stop().await;
                sleep_below(rng, 4_000).await;
                actors.cluster.stack.redis.restart().await.unwrap();
            }
            Self::RedisPaused => {
                actors.cluster.stack.redis.pause();
                sleep_below(rng, 5_000).await;
                actors.cluster.stack.redis.resume();
            }
            Self::RedisFlushed => {
                for _ in 0..10 {
                    redis(actors, &["FLUSHALL"]).await;
                    sleep_below(rng, 300).await;
                }
            }
            Self::RedisFull => {
                redis(actors, &["CONFIG", "SET", "maxmemory", "1"]).await;
                sleep_below(rng, 4_000).await;
                redis(actors, &["CONFIG", "SET", "maxmemory", "0"]).await;
            }
            Self::MailDeferred => {
                actors.cluster.mail.behave(Behaviour::reply("451 4.3.0 not now"));
                sleep_below(rng, 4_000).await;
                actors.cluster.mail.behave_well();
            }
            Self::MailRefused => {
                let refusal = Behaviour::reply("550 5.1.1 never");
                actors.cluster.mail.behave(refusal.times(3));
                sleep_below(rng, 3_000).await;
                actors.cluster.mail.behave_well();
            }
            Self::MailSilent => {
                let silence = Action::Silent(Stage::Final, Stored::Yes);
                actors.cluster.mail.behave(Behaviour::new(silence));
                sleep_below(rng, 3_000).await;
                actors.cluster.mail.behave_well();
            }
            Self::MailRepliesLost => {
                actors.cluster.mail.behave(Behaviour::new(Action::DropAfterDot(Stored::Yes)));
                sleep_below(rng, 3_000).await;
                actors.cluster.mail.behave_well();
            }
            Self::MailIdle => {
                let idle = Action::CloseIdle(Duration::from_millis(20));
                actors.cluster.mail.behave(Behaviour::new(idle));
                sleep_below(rng, 5_000).await;
                actors.cluster.mail.behave_well();
            }
            Self::PostgresRepliesLost => {
                actors.disturb(|proxies| &proxies.postgres, Traffic::ResponsesHeld, rng).await;
            }
            Self::NatsRepliesLost => {
                actors.disturb(|proxies| &proxies.nats, Traffic::ResponsesHeld, rng).await
            }
            Self::RedisOutOfReach => {
                actors.disturb(|proxies| &proxies.redis, Traffic::Cut, rng).await;
                actors.disturb(|proxies| &proxies.redis, Traffic::Held, rng).await;
            }
            Self::Everything => kill_everything(actors, rng).await,
            Self::DiskFull => fill_disk(actors, rng).await,
            Self::FewDescriptors => limit_descriptors(actors, rng).await,
            Self::ClocksOff => shift_clocks(actors, rng).await,
            Self::Starved => starve(actors).await,
            Self::Failover => fail_over(actors, rng).await,
            Self::Poison => poison(actors).await,
            Self::Hoarders => hoard(actors.urls()).await,
        }
    }
}
