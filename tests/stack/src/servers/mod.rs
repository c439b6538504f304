//! Private instances of Postgres, Redis and NATS with JetStream.

mod account;
pub(crate) mod install;
mod nats;
mod postgres;
mod redis;
mod server;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

pub use self::{
    account::Account,
    nats::Nats,
    postgres::Postgres,
    redis::Redis,
    server::{Recipe, Server},
};
use crate::{find, folder, ports::Ports};

/// Whether data survives when the machine stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Confirmed writes are on disk.
    Kept,
    /// Writes are not flushed: for tests, which delete the folder.
    Scratch,
}

/// Finds a program, or installs the package of Debian or Ubuntu that contains it.
///
/// # Errors
///
/// If it is missing and cannot be installed: the message names what to install.
pub async fn program(name: &str, package: &str) -> Result<PathBuf> {
    if let Some(found) = find::on_path(name).into_iter().next() {
        return Ok(found);
    }
    install::with_apt(&[package]).await?;
    find::on_path(name).into_iter().next().with_context(|| format!("{package} contains no {name}"))
}

/// Addresses of the servers, with credentials.
#[derive(Debug, Clone)]
pub struct Urls {
    /// The database `keyward`, empty at first, as the role that owns it.
    pub database: String,
    /// The same role, a superuser, in the database `postgres`: to create databases.
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
/// They are ready when [`start`](Self::start) returns. They listen on 127.0.0.1 only, keep their
/// ports and passwords in the folder, and end with this process, even by SIGKILL.
#[derive(Debug)]
pub struct Stack {
    /// The database.
    pub postgres: Server<Postgres>,
    /// The cache.
    pub redis: Server<Redis>,
    /// The event stream.
    pub nats: Server<Nats>,
    folder: PathBuf,
    _ports: Ports,
    _lock: File,
}

impl Stack {
    /// Starts all three in `folder`, and installs what is missing.
    ///
    /// # Errors
    ///
    /// If another process uses the folder, a program is missing and cannot be installed, or a server
    /// does not respond within a minute; the message ends with its log.
    pub async fn start(folder: &Path, durability: Durability) -> Result<Self> {
        let lock = folder::lock(folder)?;
        let folder = &fs::canonicalize(folder)?;
        fs::create_dir_all(folder.join("log"))?;

        // In sequence: two package managers would block each other.
        let found = (
            postgres::Installation::find().await.context("Postgres"),
            Redis::find().await.context("Redis"),
            Nats::find().await.context("NATS"),
        );
        let (postgres, redis, nats) = match found {
            (Ok(postgres), Ok(redis), Ok(nats)) => (postgres, redis, nats),
            (postgres, redis, nats) => {
                let missing = [postgres.err(), redis.err(), nats.err()].into_iter().flatten();
                let missing: Vec<_> = missing.map(|error| format!("\n  {error:#}")).collect();
                bail!("programs are missing:{}", missing.concat());
            }
        };

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

    /// Addresses of the servers, with credentials.
    pub fn urls(&self) -> Urls {
        Urls {
            database: self.postgres.url().to_owned(),
            superuser: self.postgres.recipe().superuser_url().to_owned(),
            redis: self.redis.url().to_owned(),
            nats: self.nats.url().to_owned(),
            nats_monitoring: self.nats.monitoring_url(),
        }
    }

    /// The folder of their data; their logs are in `log/`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Stops all three gracefully, at the same time.
    pub async fn stop(&mut self) {
        tokio::join!(self.postgres.stop(), self.redis.stop(), self.nats.stop());
    }

    /// Kills all three and deletes their data.
    pub async fn discard(mut self) {
        tokio::join!(self.postgres.kill(), self.redis.kill(), self.nats.kill());
        let _ = fs::remove_dir_all(self.postgres.recipe().home());
        let _ = fs::remove_dir_all(&self.folder);
    }
}
