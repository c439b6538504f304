//! `up`: Keyward and everything around it, until Ctrl-C.

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

use self::{addresses::Addresses, app::App, supervise::Watched, urls_file::UrlsFile};
use super::{INTERRUPTED, asked_to_end, build, variable};

/// How long the API may take until it is ready.
const READY: Duration = Duration::from_secs(120);

/// Everything that runs. Dropping it stops it: the programs first, then what they need.
struct Running {
    api: App,
    worker: App,
    stack: Stack,
    mail: MailSink,
    addresses: Addresses,
    _lock: File,
}

/// Starts everything, keeps it running, and stops it when asked to.
pub(crate) async fn run() -> Result<ExitCode> {
    let asked = asked_to_end()?;
    tokio::pin!(asked);
    let running = tokio::select! {
        running = start() => running?,
        () = &mut asked => {
            note("stopped before everything was up");
            return Ok(ExitCode::SUCCESS);
        }
    };
    let urls = Arc::new(UrlsFile::new(folder::dev().join("urls.env"), &running));
    urls.write()?;
    announce(&running)?;

    let Running { api, worker, stack, mail, _lock, .. } = running;
    let Stack { postgres, redis, nats, .. } = stack;
    let programs = [Watched::new(api, &urls), Watched::new(worker, &urls)];
    let postgres = Watched::new(postgres, &urls);
    let redis = Watched::new(redis, &urls);
    let nats = Watched::new(nats, &urls);
    asked.await;

    // Listens from here on: the first request must not count as the second one, too.
    let again = asked_to_end()?;
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
            std::process::exit(INTERRUPTED);
        }
    }
    drop(mail);
    urls.remove();
    step.done("everything is stopped; the data stays in .dev/up");
    Ok(ExitCode::SUCCESS)
}

async fn start() -> Result<Running> {
    let lock = folder::lock(&folder::dev())
        .context("Keyward is already running here; .dev/urls.env says where")?;
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
    match env_file::provide(&folder::repository(), |name| variable(name).is_some())? {
        env_file::Outcome::Written(secrets) => {
            note(format!("wrote .env with {secrets} fresh secrets"));
        }
        env_file::Outcome::Completed(added) => {
            note(format!("keeping the .env that is there; it lacked {}", added.join(", ")));
        }
        env_file::Outcome::Kept => note("keeping the .env that is there"),
        env_file::Outcome::NoExample => note("no .env.example, so no .env"),
    }

    let programs = compile().await?;
    let env = environment(&stack, &mail, &addresses);
    migrate(&programs, &env).await?;

    let step = Step::start();
    let start_app = |name, program: &str| {
        let log = home.join("log").join(format!("{name}.log"));
        App::start(name, programs.join(program), env.clone(), log)
    };
    let api = start_app("api", "keyward-api")?;
    let worker = start_app("worker", "keyward-worker")?;
    api.until_ready(&addresses.api, "/health/ready", READY).await?;
    if let Some(status) = worker.process().status() {
        bail!("the worker ended at once ({status}); {}", worker.last_words());
    }
    step.done("Keyward is ready");
    Ok(Running { api, worker, stack, mail, addresses, _lock: lock })
}

/// Builds the programs and says where they are. `PROFILE` is `dev` or `release`.
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
        other => bail!("PROFILE is `{other}`; it can be `dev` or `release`"),
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
    step.done("the database has the newest schema");
    Ok(())
}

/// What the programs are told; it wins over `.env`, which they read themselves.
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
