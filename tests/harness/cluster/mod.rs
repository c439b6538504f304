//! Real processes: `keyward-api`, `keyward-worker` and private servers. Each can be stopped, killed and
//! restarted.

mod client;
mod cpu_quota;
mod disk;
mod program;

use std::{
    fs::File,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use keyward_stack::{
    Durability, MailSink, Stack, folder, mail_sink, ports::Ports, process::Launch, secret,
};
use sqlx::PgPool;

use crate::{server, until, world::objects_below};

pub use cpu_quota::CpuQuota;
pub use disk::Disk;
pub use program::Program;

/// Servers and processes of a test.
pub struct Cluster {
    pub stack: Stack,
    pub mail: Arc<MailSink>,
    /// Address of the (first) API.
    pub url: String,
    pub db: PgPool,
    env: Vec<(String, String)>,
    ports: Mutex<Ports>,
    pub client: reqwest::Client,
    /// The disk for all data, if its size is limited.
    pub disk: Option<Disk>,
    /// The folder of the programs that start from now on: those of this release.
    pub programs: PathBuf,
    /// The quota in which programs start.
    pub quota: Option<CpuQuota>,
    pub scratch: folder::Scratch,
}

impl Cluster {
    /// Starts servers with a migrated database, and no program of Keyward.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// Starts servers, an API and a worker.
    pub async fn running() -> (Self, Program, Program) {
        let cluster = Self::new().await;
        let (api, worker) = (cluster.start_api().await, cluster.start_worker().await);
        (cluster, api, worker)
    }

    /// As [`new`](Self::new), with settings.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        Self::built(Durability::Scratch, None, settings).await
    }

    /// With durable servers, which keep confirmed writes when they are killed.
    pub async fn durable(settings: &[(&str, &str)]) -> Self {
        Self::built(Durability::Kept, None, settings).await
    }

    /// With durable servers. All data and logs are on a disk of `mib` MiB.
    pub async fn on_disk(mib: u32, settings: &[(&str, &str)]) -> Self {
        Self::built(Durability::Kept, Some(mib), settings).await
    }

    async fn built(
        durability: Durability,
        disk_mib: Option<u32>,
        settings: &[(&str, &str)],
    ) -> Self {
        let scratch = folder::scratch("journey").unwrap();
        let disk = disk_mib.map(|mib| Disk::over(scratch.path(), mib).unwrap());
        // Hides the `.env` of a parent folder.
        std::fs::write(scratch.path().join(".env"), "").unwrap();
        let stack = Stack::start(&scratch.path().join("stack"), durability).await.unwrap();
        let mail =
            MailSink::start(mail_sink::Options { keep: Some(100_000), ..Default::default() })
                .unwrap();
        let mut ports = Ports::open(scratch.path().join("ports.json"));
        let api = format!("127.0.0.1:{}", ports.claim("api", None).unwrap());
        let url = format!("http://{api}");
        let urls = stack.urls();
        let db = PgPool::connect(&urls.database).await.unwrap();
        keyward_migrations::run(&db).await.unwrap();
        let mut env = vec![
            ("DATABASE_URL".to_owned(), urls.database),
            ("REDIS_URL".to_owned(), urls.redis),
            ("NATS_URL".to_owned(), urls.nats),
            ("NATS_MONITORING_URL".to_owned(), urls.nats_monitoring),
            (
                "SMTP_URL".to_owned(),
                mail.smtp_url()
                    .replace("//", &format!("//keyward:{}@", secret::password().unwrap())),
            ),
            ("PUBLIC_URL".to_owned(), url.clone()),
            ("BLOB_URL".to_owned(), format!("file:{}", scratch.path().join("blobs").display())),
            ("LOG_FORMAT".to_owned(), "json".to_owned()),
            // All clients have the same address.
            ("RATE_LIMIT_ENABLED".to_owned(), "false".to_owned()),
        ];
        let keys = ["LINK_KEY", "SESSION_KEY", "WEBHOOK_KEY", "SIGNING_KEYS"];
        for key in keys.into_iter().chain(["OPS_OPERATORS", "OPS_VIEWERS"]) {
            env.push((key.to_owned(), secret::key().unwrap()));
        }
        env.extend(settings.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
        Self {
            stack,
            mail: Arc::new(mail),
            url,
            db,
            env,
            ports: Mutex::new(ports),
            client,
            disk,
            programs: server("BIN_DIR").into(),
            quota: None,
            scratch,
        }
    }

    /// Moves a setting from the environment of the processes to the `.env` in their folder.
    pub fn move_to_env_file(&mut self, name: &str) {
        let line = format!("{name}={}\n", self.setting(name));
        self.env.retain(|(one, _)| one != name);
        std::fs::write(self.scratch.path().join(".env"), line).unwrap();
    }

    /// Replaces a setting of the processes that start from now on.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.env.retain(|(one, _)| one != name);
        self.env.push((name.to_owned(), value.into()));
    }

    /// Runs a program of Keyward until it exits. Returns whether it succeeded, and its output.
    pub async fn run(&self, program: &str, args: &[&str]) -> (bool, String) {
        let log = self.scratch.path().join(format!("{program}-{}.log", uuid::Uuid::new_v4()));
        let launch = Launch::new(self.programs.join(program))
            .folder(self.scratch.path())
            .args(args)
            .output(File::create(&log).unwrap())
            .unwrap();
        let launch = self.env.iter().fold(launch, |launch, (name, value)| launch.env(name, value));
        let process = launch.spawn().unwrap();
        let ended = process.exited().await.unwrap().success();
        (ended, std::fs::read_to_string(log).unwrap())
    }

    /// The value of a setting.
    pub fn setting(&self, name: &str) -> &str {
        let found = self.env.iter().rev().find(|(one, _)| one == name);
        found.map_or("", |(_, value)| value)
    }

    /// Starts the API at `PUBLIC_URL` and waits until it is ready.
    pub async fn start_api(&self) -> Program {
        self.start_api_at(&self.url, &[]).await
    }

    /// Starts an API at an address, with settings, and waits until it is ready.
    pub async fn start_api_at(&self, url: &str, own: &[(&str, String)]) -> Program {
        self.start("keyward-api", "API_ADDR", url, own).await
    }

    /// Starts another API.
    pub async fn start_another_api(&self) -> Program {
        self.start_api_at(&self.free_url("another-api"), &[]).await
    }

    /// Starts a worker and waits until it is ready.
    pub async fn start_worker(&self) -> Program {
        self.start_worker_at("ops").await
    }

    /// Starts another worker; `name` identifies its port.
    pub async fn start_worker_at(&self, name: &str) -> Program {
        self.start_worker_with(name, &[]).await
    }

    /// As [`start_worker_at`](Self::start_worker_at), with settings.
    pub async fn start_worker_with(&self, name: &str, own: &[(&str, String)]) -> Program {
        let url = self.free_url(name);
        self.start("keyward-worker", "OPS_ADDR", &url, own).await
    }

    /// An unused address.
    pub fn free_url(&self, name: &str) -> String {
        let mut ports = self.ports.lock().unwrap();
        format!("http://127.0.0.1:{}", ports.claim(name, None).unwrap())
    }

    async fn start(
        &self,
        program: &str,
        address: &str,
        url: &str,
        own: &[(&str, String)],
    ) -> Program {
        self.launch(program, address, url, own).ready().await
    }

    /// Starts the API at `PUBLIC_URL` and a worker, and waits for neither.
    pub fn launch_both(&self) -> (Program, Program) {
        let ops = self.free_url("ops");
        let api = self.launch("keyward-api", "API_ADDR", &self.url, &[]);
        (api, self.launch("keyward-worker", "OPS_ADDR", &ops, &[]))
    }

    fn launch(&self, program: &str, address: &str, url: &str, own: &[(&str, String)]) -> Program {
        // The API has a separate listener for operators.
        let ops = match program {
            "keyward-api" => self.free_url(&format!("ops-of-{url}")),
            _ => url.to_owned(),
        };
        let own = own.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let listens = |name: &str, url: &str| (name.to_owned(), url.replace("http://", ""));
        let listens = [listens(address, url), listens("API_OPS_ADDR", &ops)];
        let settings = self.env.iter().cloned().chain(own).chain(listens);
        let quota = self.quota.as_ref();
        let program = self.programs.join(program);
        Program::launch(&program, self.scratch.path(), settings, url, &ops, quota)
    }

    /// A connection to NATS.
    pub async fn nats(&self) -> async_nats::Client {
        crate::nats(self.stack.nats.url()).await
    }

    /// Keeps the logs. Returns their folder.
    pub fn keep(self) -> PathBuf {
        if self.disk.is_none() {
            return self.scratch.keep();
        }
        let kept = self.scratch.path().with_extension("kept");
        std::fs::create_dir_all(&kept).unwrap();
        let folders = [self.scratch.path().to_owned(), self.stack.folder().join("log")];
        for file in folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap().flatten()) {
            if file.path().extension().is_some_and(|extension| extension == "log") {
                std::fs::copy(file.path(), kept.join(file.file_name())).unwrap();
            }
        }
        kept
    }

    /// The objects in the blob store.
    pub fn objects(&self) -> Vec<String> {
        objects_below(&self.scratch.path().join("blobs"))
    }

    /// Kills the servers and deletes everything.
    pub async fn clear(self) {
        self.db.close().await;
        self.stack.discard().await;
    }

    /// Waits until every event has been processed.
    pub async fn settle(&self) {
        until("every event has been processed", async || {
            let open: i64 = sqlx::query_scalar(
                "select (select count(*) from outbox_pending)
                      + (select count(*) from apalis.jobs where status not in ('Done', 'Killed'))",
            )
            .fetch_one(&self.db)
            .await
            .ok()?;
            (open == 0).then_some(())
        })
        .await;
    }
}
