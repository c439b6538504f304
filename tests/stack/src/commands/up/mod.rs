//! `up`: runs Keyward and the servers it needs, until Ctrl-C.

mod addresses;
mod app;
mod env_file;
mod supervise;
mod urls_file;

use std::{
    fs::{self, File},
    io::{Write, stdout},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use keyward_stack::{
    Durability, MailSink, Stack,
    console::{Step, note},
    folder, mail_sink, pid,
    ports::Ports,
    process::{Launch, Signal},
};

use self::{addresses::Addresses, app::App, supervise::Supervised, urls_file::UrlsFile};
use super::{INTERRUPTED, build, shutdown_requested, variable};

/// Maximum time until the API is ready.
const READY_TIMEOUT: Duration = Duration::from_secs(120);

/// Everything that runs. Dropping it stops the programs first, then the servers.
struct Running {
    api: App,
    worker: App,
    stack: Stack,
    mail: MailSink,
    addresses: Addresses,
    _lock: File,
}

/// Starts everything, supervises it, and stops it on request.
pub(crate) async fn run() -> Result<ExitCode> {
    let shutdown = shutdown_requested()?;
    tokio::pin!(shutdown);
    let running = tokio::select! {
        running = start() => running?,
        () = &mut shutdown => {
            note("stopped before everything was ready");
            return Ok(INTERRUPTED.into());
        }
    };
    let urls = Arc::new(UrlsFile::new(folder::dev().join("urls.env"), &running));
    urls.write()?;
    announce(&running)?;

    let Running { api, worker, stack, mail, _lock, .. } = running;
    let Stack { postgres, redis, nats, .. } = stack;
    let programs = [Supervised::new(api, &urls), Supervised::new(worker, &urls)];
    let postgres = Supervised::new(postgres, &urls);
    let redis = Supervised::new(redis, &urls);
    let nats = Supervised::new(nats, &urls);
    shutdown.await;

    // Listens for further signals only: the first one must not count twice.
    let again = shutdown_requested()?;
    let step = Step::start();
    let stop = async {
        for program in programs {
            program.stop().await;
        }
        tokio::join!(postgres.stop(), redis.stop(), nats.stop());
    };
    tokio::select! {
        () = stop => {}
        () = again => {
            for number in urls.pids() {
                let _ = pid::send(number, Signal::SIGKILL);
            }
            urls.remove();
            std::process::exit(INTERRUPTED.into());
        }
    }
    drop(mail);
    urls.remove();
    step.done("stopped; the data is kept in .dev/up");
    Ok(ExitCode::SUCCESS)
}

async fn start() -> Result<Running> {
    let lock = folder::lock(&folder::dev())
        .context("Keyward is already running in this folder; its addresses are in .dev/urls.env")?;
    let home = folder::dev().join("up");
    let _ = fs::remove_file(folder::dev().join("urls.env"));

    let step = Step::start();
    let stack = Stack::start(&home, Durability::Kept).await?;
    step.done(format!(
        "{}, {} and {}",
        stack.postgres.version(),
        stack.redis.version(),
        stack.nats.version()
    ));

    let mut ports = Ports::open(home.join("ports-of-keyward.json"));
    let mail = MailSink::start(mail_sink::Options {
        smtp_port: Some(ports.claim("smtp", None)?),
        http_port: Some(ports.claim("mail", Some(8025))?),
        folder: Some(home.join("mail")),
        ..mail_sink::Options::default()
    })?;
    let addresses = Addresses::choose(&mut ports)?;
    addresses.ensure_free()?;
    match env_file::provide(&folder::repository(), |name| variable(name).is_some())? {
        env_file::Outcome::Written(secrets) => {
            note(format!("created .env with {secrets} random secrets"));
        }
        env_file::Outcome::Completed(added) => {
            note(format!("added missing secrets to .env: {}", added.join(", ")));
        }
        env_file::Outcome::Kept => note("using the existing .env"),
        env_file::Outcome::NoExample => note("no .env was created: .env.example is missing"),
    }

    let programs = compile().await?;
    let env = environment(&stack, &mail, &addresses);
    migrate(&programs, &env).await?;
    addresses.ensure_free()?;

    let step = Step::start();
    let start_app = |name, program: &str| {
        let log = home.join("log").join(format!("{name}.log"));
        App::start(name, programs.join(program), env.clone(), log)
    };
    let api = start_app("api", "keyward-api")?;
    let worker = start_app("worker", "keyward-worker")?;
    api.until_ready(&addresses.api, "/health/ready", READY_TIMEOUT).await?;
    if let Some(status) = worker.process().status() {
        bail!("the worker ended ({status}); {}", worker.log_tail());
    }
    step.done("Keyward is ready");
    Ok(Running { api, worker, stack, mail, addresses, _lock: lock })
}

/// Builds the programs and returns their folder. `PROFILE` is `dev` or `release`.
async fn compile() -> Result<PathBuf> {
    let programs = ["--bin", "keyward-api", "--bin", "keyward-worker", "--bin", "migrate"];
    let profile = variable("PROFILE").unwrap_or_default();
    let step = Step::start();
    let folder = match profile.as_str() {
        "" | "dev" => {
            build(&programs).await?;
            "debug"
        }
        "release" => {
            build(&[&programs[..], &["--release"]].concat()).await?;
            "release"
        }
        other => bail!("PROFILE is `{other}`; it must be `dev` or `release`"),
    };
    step.done("compiled");
    Ok(folder::target().join(folder))
}

async fn migrate(programs: &Path, env: &[(String, String)]) -> Result<()> {
    let step = Step::start();
    let launch = Launch::new(programs.join("migrate")).folder(folder::repository());
    let launch = env.iter().fold(launch, |launch, (name, value)| launch.env(name, value));
    let status = launch.run().await?;
    ensure!(status.success(), "the migrations failed ({status})");
    step.done("migrated the database");
    Ok(())
}

/// The environment of the programs. It takes precedence over `.env`, which they also read.
fn environment(stack: &Stack, mail: &MailSink, addresses: &Addresses) -> Vec<(String, String)> {
    let urls = stack.urls();
    let pairs = [
        ("DATABASE_URL", urls.database),
        ("REDIS_URL", urls.redis),
        ("NATS_URL", urls.nats),
        ("NATS_MONITORING_URL", urls.nats_monitoring),
        ("SMTP_URL", mail.smtp_url()),
        ("API_ADDR", addresses.api_listens.clone()),
        ("OPS_ADDR", addresses.ops_listens.clone()),
        ("API_OPS_ADDR", addresses.api_ops_listens.clone()),
        ("PUBLIC_URL", addresses.public_url.clone()),
        ("BLOB_URL", format!("file:{}", folder::dev().join("up/blobs").display())),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}

fn announce(running: &Running) -> Result<()> {
    let mut out = stdout().lock();
    writeln!(
        out,
        "\n  API         http://{api}\n  API docs    http://{api}/docs\n  \
         Mail        {mail}\n  Operations  http://{ops} (operator, OPS_OPERATORS in .env)\n  \
         Metrics     http://{ops}/metrics, http://{api_ops}/metrics\n\n  \
         Ctrl-C stops everything. All addresses are in .dev/urls.env.\n",
        api = running.addresses.api,
        ops = running.addresses.ops,
        api_ops = running.addresses.api_ops,
        mail = running.mail.http_url(),
    )?;
    Ok(())
}
