use std::{collections::HashMap, net::SocketAddr, time::Duration};

use keyward_core::{App, infra::clock::Clock, settings::Settings};
use keyward_stack::{
    MailSink,
    folder::{self, Scratch},
    mail_sink,
    ports::Ports,
    secret,
};
use sqlx::{Connection as _, Executor as _, PgConnection, PgPool};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{Options, Program, server};

/// Everything one test needs, isolated from every other test.
pub struct World {
    /// The app of the API.
    pub app: App,
    /// The clock of API and worker, which a test can advance.
    pub clock: Clock,
    /// The URL of the API.
    pub url: String,
    /// The URL of the first worker's operations, or an empty string without
    /// [`Options::operated`](crate::Options::operated).
    pub ops: String,
    /// Captures emails, and simulates faults on request.
    pub mail: MailSink,
    /// A pool with write access, for checks and for changes that bypass the API.
    pub db: PgPool,
    /// The NATS client of the API.
    pub nats: async_nats::Client,
    pub(crate) client: reqwest::Client,
    pub(crate) settings: HashMap<String, String>,
    name: String,
    blobs: Scratch,
    has_operations: bool,
    stop: CancellationToken,
    tasks: JoinSet<anyhow::Result<()>>,
}

/// Key of the advisory lock that guards the creation of the template.
const TEMPLATE_LOCK: i64 = 20_261_122;

impl World {
    /// An empty world with API and worker.
    pub async fn new() -> Self {
        Self::with(Options::default()).await
    }

    /// A world with other options.
    pub async fn with(options: Options) -> Self {
        crate::log_if_asked();
        let name = format!("w{}", Uuid::new_v4().simple());
        let database_url = create_database(&name).await;
        let mail = mail_sink::Options { smtputf8: options.smtputf8, ..Default::default() };
        let mail = MailSink::start(mail).unwrap();
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let blobs = folder::scratch("blobs").unwrap();
        let mut settings = HashMap::from([
            ("DATABASE_URL".into(), database_url),
            ("DATABASE_POOL_SIZE".into(), "6".into()),
            ("REDIS_URL".into(), server("REDIS_URL")),
            // A slow response on a busy machine must not count as an outage.
            ("REDIS_TIMEOUT_MS".into(), "1000".into()),
            // Tests of limits enable them.
            ("RATE_LIMIT_ENABLED".into(), "false".into()),
            ("NATS_URL".into(), server("NATS_URL")),
            ("SMTP_URL".into(), mail.smtp_url()),
            ("PUBLIC_URL".into(), url.clone()),
            ("BLOB_URL".into(), format!("file:{}", blobs.path().display())),
            ("NAMESPACE".into(), name.clone()),
            ("LINK_KEY".into(), secret::key().unwrap()),
            ("SESSION_KEY".into(), secret::key().unwrap()),
            ("WEBHOOK_KEY".into(), secret::key().unwrap()),
            ("SIGNING_KEYS".into(), secret::key().unwrap()),
            ("OPS_OPERATORS".into(), secret::key().unwrap()),
            ("OPS_VIEWERS".into(), secret::key().unwrap()),
        ]);
        settings.extend(options.settings);
        let clock = Clock::default();
        let app = app(&settings, &clock);
        let mut world = Self {
            db: PgPool::connect_lazy(&settings["DATABASE_URL"]).unwrap(),
            nats: crate::nats(&settings["NATS_URL"]).await,
            client: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(Duration::from_secs(30))
                .build()
                .unwrap(),
            app,
            clock,
            url,
            ops: String::new(),
            mail,
            settings,
            name,
            blobs,
            has_operations: options.operations,
            stop: CancellationToken::new(),
            tasks: JoinSet::new(),
        };
        let (app, nats, stop) = (world.app.clone(), world.nats.clone(), world.stop.clone());
        world.tasks.spawn(keyward_api::run(app, nats, listener, None, stop));
        if options.worker {
            world.start_worker().await;
        }
        let is_ready = async || {
            let app = &world.app;
            let is_up = app.health.postgres() && app.cache.is_up() == options.redis;
            is_up.then_some(())
        };
        crate::until("the API has found Postgres and Redis", is_ready).await;
        let mut open = Vec::new();
        while open.len() < options.connections {
            open.push(world.app.write.acquire().await.unwrap());
        }
        drop(open);
        world
    }

    /// Starts a worker with its own pools and connections.
    pub async fn start_worker(&mut self) {
        let app = app(&self.settings, &self.clock);
        let nats = crate::nats(&self.settings["NATS_URL"]).await;
        let mut operations = None;
        if self.has_operations {
            let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
            if self.ops.is_empty() {
                self.ops = format!("http://{}", listener.local_addr().unwrap());
            }
            operations = Some(listener);
        }
        self.tasks.spawn(keyward_worker::run(app, nats, operations, self.stop.clone()));
    }

    /// The namespace of this world: the name of its database, the prefix of its keys and subjects.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The environment variables of its processes.
    pub fn settings(&self) -> &HashMap<String, String> {
        &self.settings
    }

    /// The names of the objects in the blob store, sorted.
    pub fn objects(&self) -> Vec<String> {
        objects_below(self.blobs.path())
    }

    /// The folder of the blob store.
    pub fn blobs(&self) -> &std::path::Path {
        self.blobs.path()
    }

    /// Starts an API as a process of its own, so that its memory can be measured.
    pub async fn api_process(&self, settings: &[(&str, &str)]) -> Program {
        let mut ports = Ports::open(self.blobs.path().join("ports.json"));
        let mut address = |name| format!("127.0.0.1:{}", ports.claim(name, None).unwrap());
        let (api, ops) = (address("api"), address("ops"));
        let own = [("API_ADDR", &*api), ("API_OPS_ADDR", &*ops)];
        let own = settings.iter().chain(&own);
        let own = own.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let all = self.settings.clone().into_iter().chain(own);
        let (url, ops) = (format!("http://{api}"), format!("http://{ops}"));
        // Its folder hides the `.env` of a parent folder.
        std::fs::write(self.blobs.path().join(".env"), "").unwrap();
        let program = std::path::Path::new(&server("BIN_DIR")).join("keyward-api");
        Program::launch(&program, self.blobs.path(), all, &url, &ops, None).ready().await
    }

    /// Starts another API with its own pools and cache state. Returns its URL.
    pub async fn another_api(&mut self) -> String {
        self.another_api_with(&[]).await
    }

    /// Starts another API with changed settings. Returns its URL.
    pub async fn another_api_with(&mut self, settings: &[(&str, &str)]) -> String {
        let mut all = self.settings.clone();
        all.extend(settings.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = app(&all, &self.clock);
        let nats = crate::nats(&all["NATS_URL"]).await;
        let (stop, api) = (self.stop.clone(), app.clone());
        self.tasks.spawn(keyward_api::run(api, nats, listener, None, stop));
        let up = async || (app.health.postgres() && app.cache.is_up()).then_some(());
        crate::until("the other API has found Postgres and Redis", up).await;
        url
    }
}

pub(crate) fn objects_below(folder: &std::path::Path) -> Vec<String> {
    let mut objects = Vec::new();
    for name in ["uploads", "avatars"] {
        let entries = std::fs::read_dir(folder.join(name));
        let files = entries.into_iter().flatten().map(|entry| entry.unwrap().file_name());
        objects.extend(files.map(|file| format!("{name}/{}", file.to_str().unwrap())));
    }
    objects.sort();
    objects
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn app(settings: &HashMap<String, String>, clock: &Clock) -> App {
    let settings = Settings::from_env(|name| settings.get(name).cloned()).unwrap();
    App::new(settings, clock.clone()).unwrap()
}

/// Creates a database from a template, which the first test creates.
async fn create_database(name: &str) -> String {
    let url = server("DATABASE_URL");
    let database = |name: &str| url.replace("/postgres", &format!("/{name}"));
    let mut admin = PgConnection::connect(&url).await.unwrap();
    sqlx::query("select pg_advisory_lock($1)")
        .bind(TEMPLATE_LOCK)
        .execute(&mut admin)
        .await
        .unwrap();
    let template = template();
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(&template)
            .fetch_one(&mut admin)
            .await
            .unwrap();
    if !exists {
        // A run that was interrupted may have left it.
        admin.execute("drop database if exists making").await.unwrap();
        admin.execute("create database making").await.unwrap();
        let pool = PgPool::connect(&database("making")).await.unwrap();
        keyward_migrations::run(&pool).await.unwrap();
        pool.close().await;
        let rename = format!("alter database making rename to {template}");
        admin.execute(sqlx::AssertSqlSafe(rename)).await.unwrap();
    }
    let create = format!("create database {name} template {template}");
    admin.execute(sqlx::AssertSqlSafe(create)).await.unwrap();
    admin.close().await.unwrap();
    database(name)
}

/// The name of the template. It depends on the migrations, so that servers can keep running when these
/// change.
fn template() -> String {
    let checksums = keyward_migrations::MIGRATOR.iter().flat_map(|m| m.checksum.iter());
    let bytes = checksums.chain(keyward_migrations::QUEUE_INDEXES.as_bytes());
    let hash = bytes.fold(0_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add((*byte).into()));
    format!("template_{hash:x}")
}
