//! Private instances of Postgres, Redis and NATS with JetStream.

mod account;
pub(crate) mod find;
pub(crate) mod install;
mod nats;
mod postgres;
mod redis;
mod server;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

pub use self::{
    account::Account,
    nats::Nats,
    postgres::Postgres,
    redis::Redis,
    server::{Recipe, Server},
};
use crate::{folder, ports::Ports};

/// What may happen to data when the machine stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// What was confirmed is on disk: for people, who come back tomorrow.
    Kept,
    /// Nothing is waited for: for tests, which throw the folder away.
    Scratch,
}

/// Finds a program on this machine, or installs the package of Debian or Ubuntu that brings it.
///
/// # Errors
///
/// If it is not there and cannot be installed: the message says what to install by hand.
pub async fn program(name: &str, package: &str) -> Result<PathBuf> {
    if let Some(found) = find::on_path(name).into_iter().next() {
        return Ok(found);
    }
    install::with_apt(&[package]).await?;
    find::on_path(name).into_iter().next().with_context(|| format!("{package} brings no {name}"))
}

/// Where clients find the servers, credentials included.
#[derive(Debug, Clone)]
pub struct Urls {
    /// The database `keyward`, empty at first, and the role that owns it.
    pub database: String,
    /// The same role, a superuser, in the database `postgres`: for whoever makes databases.
    pub superuser: String,
    /// Redis.
    pub redis: String,
    /// NATS.
    pub nats: String,
    /// The monitoring of NATS.
    pub nats_monitoring: String,
}

/// Three servers in one folder. Dropping it stops them; the data stays.
///
/// Each takes clients when [`start`](Self::start) returns. They listen on 127.0.0.1 only, on ports
/// and with passwords that the folder remembers, and die with this process, even by SIGKILL.
#[derive(Debug)]
pub struct Stack {
    /// Commands and queries.
    pub postgres: Server<Postgres>,
    /// The cache.
    pub redis: Server<Redis>,
    /// The stream.
    pub nats: Server<Nats>,
    folder: PathBuf,
    _ports: Ports,
    _lock: File,
}

impl Stack {
    /// Starts all three in `folder`, installing what this machine lacks.
    ///
    /// # Errors
    ///
    /// If the folder is in use by another process, if a program is missing and cannot be
    /// installed, or if a server does not answer within a minute; the message says which, and
    /// ends with its log.
    pub async fn start(folder: &Path, durability: Durability) -> Result<Self> {
        let lock = folder::lock(folder)?;
        let folder = &fs::canonicalize(folder)?;
        fs::create_dir_all(folder.join("log"))?;

        // One after the other: two package managers at once would wait for each other.
        let postgres = postgres::Installation::find().await.context("Postgres")?;
        let redis = Redis::find().await.context("Redis")?;
        let nats = Nats::find().await.context("NATS")?;

        let mut ports = Ports::open(folder.join("ports.json"));
        let port = ports.claim("postgres", None)?;
        let redis = Redis::prepare(redis, folder, ports.claim("redis", None)?)?;
        let (port_of_nats, monitoring) =
            (ports.claim("nats", None)?, ports.claim("nats-monitoring", None)?);
        let nats = Nats::prepare(nats, folder, port_of_nats, monitoring, durability)?;
        let (postgres, redis, nats) = tokio::try_join!(
            async {
                let recipe = Postgres::prepare(postgres, folder, port, durability).await?;
                Server::start(recipe, folder).await
            },
            Server::start(redis, folder),
            Server::start(nats, folder),
        )?;
        Ok(Self { postgres, redis, nats, folder: folder.clone(), _ports: ports, _lock: lock })
    }

    /// Where clients find the servers.
    pub fn urls(&self) -> Urls {
        Urls {
            database: self.postgres.url().to_owned(),
            superuser: self.postgres.recipe().superuser_url().to_owned(),
            redis: self.redis.url().to_owned(),
            nats: self.nats.url().to_owned(),
            nats_monitoring: self.nats.monitoring_url(),
        }
    }

    /// The folder they run in; their logs are in `log/`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Stops all three in an orderly way, at the same time.
    pub async fn stop(&mut self) {
        tokio::join!(self.postgres.stop(), self.redis.stop(), self.nats.stop());
    }

    /// Kills all three and removes their data.
    pub async fn discard(mut self) {
        tokio::join!(self.postgres.kill(), self.redis.kill(), self.nats.kill());
        let _ = fs::remove_dir_all(self.postgres.recipe().home());
        let _ = fs::remove_dir_all(&self.folder);
    }
}
