//! A private Postgres: own data folder, SCRAM, random password.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    Account, Durability, account, install,
    server::{Recipe, Server},
};
use crate::{
    find::{self, Version},
    folder,
    process::{Launch, Signal},
    secret,
};

/// The role that owns everything, and its database.
const NAME: &str = "keyward";
/// The oldest supported version of Postgres.
const OLDEST: Version = Version([14, 0, 0]);

/// A complete installation of Postgres.
#[derive(Debug, Clone)]
pub(super) struct Installation {
    version: Version,
    bin: PathBuf,
}

impl Installation {
    /// The newest complete installation; installs one if there is none.
    pub(super) async fn find() -> Result<Self> {
        if let Some(found) = Self::newest() {
            return Ok(found);
        }
        install::with_apt(&["postgresql"]).await?;
        Self::newest().context("the installed Postgres lacks initdb or the extension hstore")
    }

    fn newest() -> Option<Self> {
        let debian = find::folders_in("/usr/lib/postgresql");
        let elsewhere = ["/usr/local/pgsql", "/opt/homebrew/opt/postgresql"].map(PathBuf::from);
        debian
            .into_iter()
            .chain(elsewhere)
            .map(|folder| folder.join("bin/postgres"))
            .chain(find::on_path("postgres"))
            .filter_map(|postgres| Self::examine(&postgres))
            .max_by_key(|found| found.version)
    }

    /// A program on `PATH` may be a wrapper or lack the files that belong to it.
    fn examine(postgres: &Path) -> Option<Self> {
        let bin = fs::canonicalize(postgres).ok()?.parent()?.to_owned();
        let version = Version::within(&find::output_of(&bin.join("postgres"), &["--version"])?)?;
        let major = version.0[0];
        let sharedir = find::output_of(&bin.join("pg_config"), &["--sharedir"]);
        let mut share = sharedir.map(PathBuf::from).into_iter().chain([
            format!("/usr/share/postgresql/{major}").into(),
            bin.join("../share/postgresql"),
            bin.join("../share"),
        ]);
        let is_complete = bin.join("initdb").is_file()
            && version >= OLDEST
            && share.any(|share| {
                share.join("postgres.bki").is_file()
                    && share.join("extension/hstore.control").is_file()
            });
        is_complete.then_some(Self { version, bin })
    }
}

/// How to run Postgres.
#[derive(Debug)]
pub struct Postgres {
    installation: Installation,
    account: Option<Account>,
    home: PathBuf,
    port: u16,
    durability: Durability,
    url: String,
    superuser_url: String,
}

impl Postgres {
    /// Creates the data folder on the first call.
    pub(super) async fn prepare(
        installation: Installation,
        stack: &Path,
        port: u16,
        durability: Durability,
    ) -> Result<Self> {
        let account = Account::for_postgres()?;
        let home = account::home(stack, "postgres", account)?;
        let password = secret::load_or_create(&home.join("password"))?;
        account::give(&home.join("password"), account)?;
        let postgres = Self {
            installation,
            account,
            port,
            durability,
            url: format!("postgres://{NAME}:{password}@127.0.0.1:{port}/{NAME}"),
            superuser_url: format!("postgres://{NAME}:{password}@127.0.0.1:{port}/postgres"),
            home,
        };
        let version = fs::read_to_string(postgres.data().join("PG_VERSION"));
        match version {
            Ok(major) => ensure!(
                major.trim() == postgres.installation.version.0[0].to_string(),
                "{} was created by Postgres {}, but {} is installed; move it away to start with an empty database",
                postgres.data().display(),
                major.trim(),
                postgres.installation.version,
            ),
            Err(_) => postgres.make_data(&stack.join("log/initdb.log")).await?,
        }
        postgres.remove_stale_pid_file();
        Ok(postgres)
    }

    /// The superuser's URL of the database `postgres`, for creating databases.
    pub(super) fn superuser_url(&self) -> &str {
        &self.superuser_url
    }

    /// The folder of data and password; not always inside the stack's folder.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    fn backup(&self) -> PathBuf {
        self.home.join("backup")
    }

    fn program(&self, name: &str) -> Launch {
        Launch::new(self.installation.bin.join(name))
            .folder(&self.home)
            .account(self.account)
            .stop_signal(Signal::SIGINT)
    }

    /// Creates the data beside its final path and moves it there, so that an interrupted run leaves no incomplete data.
    async fn make_data(&self, log: &Path) -> Result<()> {
        let draft = self.home.join("data.new");
        let _ = fs::remove_dir_all(&draft);
        let password_file = self.home.join("password");
        let initdb = self
            .program("initdb")
            .args(["--username", NAME, "--auth", "scram-sha-256"])
            .args(["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"])
            .args(["--pgdata".as_ref(), draft.as_os_str()])
            .args(["--pwfile".as_ref(), password_file.as_os_str()])
            .output(fs::File::create(log)?)?;
        let status = initdb.run().await?;
        ensure!(status.success(), "initdb failed; {}", folder::tail(log));

        // Single-user mode creates our database without a client program.
        let statement = self.home.join("create.sql");
        fs::write(&statement, format!("create database {NAME};\n"))?;
        let single = self
            .program("postgres")
            .args(["--single", "-D"])
            .args([draft.as_os_str()])
            .args(["postgres"])
            .input(fs::File::open(&statement)?)
            .output(fs::File::options().append(true).open(log)?)?;
        let status = single.run().await?;
        ensure!(status.success(), "postgres --single: {}", folder::tail(log));

        fs::remove_file(statement)?;
        fs::rename(draft, self.data())?;
        Ok(())
    }

    /// After a crash of the machine `postmaster.pid` may contain the id of another process, and
    /// Postgres would wait for that process to end.
    fn remove_stale_pid_file(&self) {
        let file = self.data().join("postmaster.pid");
        let pid = fs::read_to_string(&file)
            .ok()
            .and_then(|text| text.lines().next()?.trim().parse().ok());
        if pid.is_some_and(|pid| !crate::pid::works_in(pid, &self.home)) {
            let _ = fs::remove_file(file);
        }
    }

    fn settings(&self) -> Vec<String> {
        let mut settings = vec![
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1".into(),
            "unix_socket_directories=".into(),
            "logging_collector=off".into(),
        ];
        if self.durability == Durability::Scratch {
            settings.extend(
                [
                    "fsync=off",
                    "synchronous_commit=off",
                    "full_page_writes=off",
                    "max_connections=600",
                    "shared_buffers=128MB",
                ]
                .map(String::from),
            );
        }
        settings
    }
}

impl Server<Postgres> {
    /// Takes a base backup while it is running.
    ///
    /// # Errors
    ///
    /// If there is a backup already, or `pg_basebackup` fails.
    pub async fn back_up(&self) -> Result<()> {
        let postgres = self.recipe();
        let backup = postgres.backup();
        let status = postgres
            .program("pg_basebackup")
            .args(["--wal-method=fetch", "--checkpoint=fast", "--dbname", &postgres.url])
            .args(["--pgdata".as_ref(), backup.as_os_str()])
            .run()
            .await?;
        ensure!(status.success(), "pg_basebackup: {status}");
        Ok(())
    }

    /// Replaces its data with the backup, and restarts it.
    ///
    /// # Errors
    ///
    /// If there is no backup, or Postgres does not answer.
    pub async fn restore(&mut self) -> Result<()> {
        self.stop().await;
        let (data, backup) = (self.recipe().data(), self.recipe().backup());
        fs::remove_dir_all(&data)?;
        fs::rename(backup, data)?;
        self.restart().await
    }
}

impl Recipe for Postgres {
    const NAME: &'static str = "postgres";

    fn launch(&self) -> Launch {
        let settings = self.settings();
        self.program("postgres")
            .args(["-D".as_ref(), self.data().as_os_str()])
            .args(settings.iter().flat_map(|setting| ["-c", setting]))
    }

    fn url(&self) -> &str {
        &self.url
    }

    fn version(&self) -> String {
        let [major, minor, _] = self.installation.version.0;
        format!("Postgres {major}.{minor}")
    }

    fn folder(&self) -> &Path {
        &self.home
    }

    /// Sends a startup message. The answer `R` (authentication) means ready; while Postgres starts
    /// or recovers, the answer is an error.
    async fn answers(&self) -> io::Result<()> {
        let words = format!("user\0{NAME}\0database\0{NAME}\0\0");
        let length = u32::try_from(words.len() + 8).map_err(io::Error::other)?;
        let mut hello = length.to_be_bytes().to_vec();
        hello.extend(196_608_u32.to_be_bytes()); // protocol 3.0
        hello.extend(words.into_bytes());

        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        stream.write_all(&hello).await?;
        match stream.read_u8().await? {
            b'R' => Ok(()),
            _ => Err(io::Error::other("Postgres is starting up")),
        }
    }

    /// Sessions of a killed Postgres need some time to exit.
    fn is_transient(&self, log: &str) -> bool {
        log.contains("pre-existing shared memory block") || log.contains("lock file")
    }
}
