//! A private Redis without persistence.

use std::{
    io,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{install, server::Recipe};
use crate::{
    find::{self, Version},
    process::Launch,
    secret,
};

/// How to run Redis.
#[derive(Debug)]
pub struct Redis {
    program: PathBuf,
    version: Version,
    home: PathBuf,
    port: u16,
    password: String,
    url: String,
}

impl Redis {
    /// Finds or installs the program.
    pub(super) async fn find() -> Result<(PathBuf, Version)> {
        if let Some(found) = newest() {
            return Ok(found);
        }
        install::with_apt(&["redis-server"]).await?;
        newest().context("the installed redis-server does not run")
    }

    pub(super) fn prepare(
        (program, version): (PathBuf, Version),
        stack: &Path,
        port: u16,
    ) -> Result<Self> {
        let home = super::account::home(stack, "redis", None)?;
        let password = secret::load_or_create(&home.join("password"))?;
        // In a file, since every user of the machine can read a command line. Nothing is saved: a
        // restart must not bring back old values.
        let config = format!(
            "bind 127.0.0.1\nport {port}\nprotected-mode yes\nrequirepass {password}\n\
             daemonize no\nsave \"\"\nappendonly no\n"
        );
        secret::write(&home.join("redis.conf"), &config)?;
        Ok(Self {
            url: format!("redis://:{password}@127.0.0.1:{port}"),
            program,
            version,
            home,
            port,
            password,
        })
    }
}

fn newest() -> Option<(PathBuf, Version)> {
    let names = ["redis-server", "valkey-server"];
    names
        .iter()
        .flat_map(|name| find::on_path(name))
        .filter_map(|program| {
            let version = Version::within(&find::output_of(&program, &["--version"])?)?;
            Some((program, version))
        })
        .max_by_key(|(_, version)| *version)
}

impl Recipe for Redis {
    const NAME: &'static str = "redis";

    fn launch(&self) -> Launch {
        Launch::new(&self.program).args([self.home.join("redis.conf")]).folder(&self.home)
    }

    fn url(&self) -> &str {
        &self.url
    }

    fn version(&self) -> String {
        format!("Redis {}", self.version)
    }

    fn folder(&self) -> &Path {
        &self.home
    }

    async fn answers(&self) -> io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        let hello = format!("AUTH {}\r\nPING\r\n", self.password);
        stream.write_all(hello.as_bytes()).await?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await?;
        match &answer {
            b"+OK\r\n+PONG\r\n" => Ok(()),
            other => Err(io::Error::other(String::from_utf8_lossy(other))),
        }
    }
}
