//! The faults: what is done to the cluster while clients are at it, each at a moment of chance.

use std::time::Duration;

use keyward_stack::mail_sink::{Action, Behaviour, Stage, Stored};
use keyward_tests::{Chance, Passage};
use tokio::time::sleep;

use crate::{
    CLIENTS,
    clients::Clients,
    crew::Crew,
    history::History,
    means::{
        copy_folder, fill_disk, kill_everything, moment, pause_leader, poison, redis, turn_clocks,
        withhold_descriptors,
    },
};

/// How long a crowd stays.
const RUSH: Duration = Duration::from_secs(60);
/// How often an API and a worker are replaced: twenty stops.
const RELEASES: usize = 10;
/// Messages that nobody can read.
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

            /// Whether it is tried on every run of the tests.
            pub(crate) fn is_quick(self) -> bool {
                match self { $(Self::$name => $quick),+ }
            }
        }
    };
}

faults! {
    /// None: what the clients see without one.
    Calm "calm" false
    /// An API is killed in the middle of commands.
    ApiKilled "api_killed" true
    /// A worker is killed: its relay between publishing and marking, its jobs between attempts.
    WorkerKilled "worker_killed" true
    /// A worker stands still while its relay leads, until another one does, and comes back.
    WorkerPaused "worker_paused" false
    /// Everybody is replaced, one after the other, as in a new release, again and again.
    RollingRestart "rolling_restart" true
    /// NATS is stopped for some seconds.
    NatsStopped "nats_stopped" false
    /// NATS is killed and comes back.
    NatsKilled "nats_killed" false
    /// NATS loses its store.
    NatsWiped "nats_wiped" true
    /// NATS gets an old copy of its store back.
    NatsSetBack "nats_set_back" true
    /// Postgres is killed and recovers.
    PostgresKilled "postgres_killed" true
    /// Postgres stands still for some seconds.
    PostgresPaused "postgres_paused" false
    /// All connections of Postgres are dropped, again and again.
    PostgresDropsConnections "postgres_drops_connections" false
    /// Redis is stopped and comes back empty.
    RedisStopped "redis_stopped" false
    /// Redis stands still for some seconds.
    RedisPaused "redis_paused" true
    /// Redis is emptied, again and again.
    RedisFlushed "redis_flushed" false
    /// Redis has no memory left.
    RedisFull "redis_full" false
    /// One API and one worker do not hear what Postgres answers, and lose their connections: what they
    /// committed they cannot know.
    PostgresUnheard "postgres_unheard" true
    /// One worker does not hear what NATS acknowledges.
    NatsUnheard "nats_unheard" false
    /// One API and one worker cannot reach Redis, the others can.
    RedisOutOfReach "redis_out_of_reach" true
    /// The relay defers every mail for some seconds.
    MailDeferred "mail_deferred" false
    /// The relay refuses some mails for good.
    MailRefused "mail_refused" false
    /// The relay says nothing for some seconds.
    MailSilent "mail_silent" false
    /// The relay takes mails and hangs up before it says so.
    MailUnheard "mail_unheard" true
    /// The relay closes connections that are idle.
    MailIdle "mail_idle" false
    /// Messages that nobody can read.
    Poison "poison" false
    /// The disk that everything lies on is full, again and again: data, stream and logs.
    DiskFull "disk_full" false
    /// Nobody can open another file or connection, again and again.
    FewDescriptors "few_descriptors" false
    /// The clocks of one API and one worker are an hour or a day off, either way.
    ClocksOff "clocks_off" false
    /// Everything is killed, one after the other, again and again, for as many minutes as `MINUTES`
    /// says (half a one, if it says nothing).
    Everything "kill_minus_nine_over_everything" false
    /// Ten times as many clients for a minute.
    Crowd "crowd" false
}

impl Fault {
    /// Does it, and undoes it. Returns what happened to clients that were part of it.
    pub(crate) async fn happen(self, crew: &mut Crew, chance: &mut Chance) -> History {
        moment(chance, 1_000).await;
        if self == Self::Crowd {
            let crowd = Clients::start("crowd", 10 * CLIENTS, crew.urls(), &crew.cluster.mail);
            sleep(RUSH).await;
            return crowd.stop().await;
        }
        self.befall(crew, chance).await;
        History::default()
    }

    async fn befall(self, crew: &mut Crew, chance: &mut Chance) {
        match self {
            Self::Calm | Self::Crowd => moment(chance, 2_000).await,
            Self::ApiKilled => {
                for _ in 0..3 {
                    let one = chance.below(2);
                    crew.kill_api(one).await;
                    moment(chance, 500).await;
                    crew.start_api(one).await;
                    moment(chance, 500).await;
                }
            }
            Self::WorkerKilled => {
                for _ in 0..3 {
                    let one = chance.below(2);
                    crew.kill_worker(one).await;
                    moment(chance, 500).await;
                    crew.start_worker(one).await;
                    moment(chance, 500).await;
                }
            }
            Self::WorkerPaused => pause_leader(crew, chance).await,
            Self::RollingRestart => {
                for turn in 0..RELEASES {
                    crew.replace(turn % 2).await;
                    moment(chance, 500).await;
                }
            }
            Self::NatsStopped => {
                crew.cluster.stack.nats.stop().await;
                moment(chance, 4_000).await;
                crew.cluster.stack.nats.restart().await.unwrap();
            }
            Self::NatsKilled => {
                for _ in 0..3 {
                    crew.cluster.stack.nats.kill().await;
                    moment(chance, 500).await;
                    crew.cluster.stack.nats.restart().await.unwrap();
                    moment(chance, 1_000).await;
                }
            }
            Self::NatsWiped => {
                // Once under its feet: what it acknowledges from then on is nowhere. What it writes
                // meanwhile may be in the way of the removal.
                _ = std::fs::remove_dir_all(crew.cluster.stack.nats.store());
                moment(chance, 2_000).await;
                for _ in 0..2 {
                    crew.cluster.stack.nats.wipe().await.unwrap();
                    moment(chance, 2_000).await;
                }
            }
            Self::NatsSetBack => {
                let (store, copy) =
                    (crew.cluster.stack.nats.store(), crew.cluster.scratch.path().join("copy"));
                crew.cluster.stack.nats.kill().await;
                copy_folder(&store, &copy);
                crew.cluster.stack.nats.restart().await.unwrap();
                moment(chance, 3_000).await;
                crew.cluster.stack.nats.kill().await;
                std::fs::remove_dir_all(&store).unwrap();
                copy_folder(&copy, &store);
                crew.cluster.stack.nats.restart().await.unwrap();
            }
            Self::PostgresKilled => {
                for _ in 0..2 {
                    crew.cluster.stack.postgres.kill().await;
                    moment(chance, 500).await;
                    crew.cluster.stack.postgres.restart().await.unwrap();
                    moment(chance, 1_000).await;
                }
            }
            Self::PostgresPaused => {
                crew.cluster.stack.postgres.pause();
                moment(chance, 5_000).await;
                crew.cluster.stack.postgres.resume();
            }
            Self::PostgresDropsConnections => {
                for _ in 0..5 {
                    sqlx::query(
                        "select pg_terminate_backend(pid) from pg_stat_activity
                         where pid <> pg_backend_pid() and datname = current_database()",
                    )
                    .execute(&crew.cluster.db)
                    .await
                    .unwrap();
                    moment(chance, 700).await;
                }
            }
            Self::RedisStopped => {
                crew.cluster.stack.redis.stop().await;
                moment(chance, 4_000).await;
                crew.cluster.stack.redis.restart().await.unwrap();
            }
            Self::RedisPaused => {
                crew.cluster.stack.redis.pause();
                moment(chance, 5_000).await;
                crew.cluster.stack.redis.resume();
            }
            Self::RedisFlushed => {
                for _ in 0..10 {
                    redis(crew, &["FLUSHALL"]).await;
                    moment(chance, 300).await;
                }
            }
            Self::RedisFull => {
                redis(crew, &["CONFIG", "SET", "maxmemory", "1"]).await;
                moment(chance, 4_000).await;
                redis(crew, &["CONFIG", "SET", "maxmemory", "0"]).await;
            }
            Self::MailDeferred => {
                crew.cluster.mail.behave(Behaviour::reply("451 4.3.0 not now"));
                moment(chance, 4_000).await;
                crew.cluster.mail.behave_well();
            }
            Self::MailRefused => {
                let refusal = Behaviour::reply("550 5.1.1 never");
                crew.cluster.mail.behave(refusal.times(3));
                moment(chance, 3_000).await;
                crew.cluster.mail.behave_well();
            }
            Self::MailSilent => {
                let silence = Action::Silent(Stage::Final, Stored::Yes);
                crew.cluster.mail.behave(Behaviour::new(silence));
                moment(chance, 3_000).await;
                crew.cluster.mail.behave_well();
            }
            Self::MailUnheard => {
                crew.cluster.mail.behave(Behaviour::new(Action::DropAfterDot(Stored::Yes)));
                moment(chance, 3_000).await;
                crew.cluster.mail.behave_well();
            }
            Self::MailIdle => {
                let idle = Action::CloseIdle(Duration::from_millis(20));
                crew.cluster.mail.behave(Behaviour::new(idle));
                moment(chance, 5_000).await;
                crew.cluster.mail.behave_well();
            }
            Self::PostgresUnheard => {
                crew.disturb(|ways| &ways.postgres, Passage::Unheard, chance).await;
            }
            Self::NatsUnheard => crew.disturb(|ways| &ways.nats, Passage::Unheard, chance).await,
            Self::RedisOutOfReach => {
                crew.disturb(|ways| &ways.redis, Passage::Cut, chance).await;
                crew.disturb(|ways| &ways.redis, Passage::Held, chance).await;
            }
            Self::Everything => kill_everything(crew, chance).await,
            Self::DiskFull => fill_disk(crew, chance).await,
            Self::FewDescriptors => withhold_descriptors(crew, chance).await,
            Self::ClocksOff => turn_clocks(crew, chance).await,
            Self::Poison => poison(crew).await,
        }
    }
}
