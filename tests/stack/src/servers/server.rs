//! A running server: start, stop, kill, pause, restart.

use std::{
    fs::{self, OpenOptions},
    future::Future,
    io,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tokio::time::{sleep, timeout};

use crate::{
    folder, pid,
    process::{Launch, Process, Signal},
};

/// Maximum time for a server to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(15);
/// Maximum time until a server responds: a database may have to recover first.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// What differs between servers.
pub trait Recipe: std::fmt::Debug + Send + Sync {
    /// Its name in messages and file names.
    const NAME: &'static str;

    /// The command that runs it in the foreground.
    fn launch(&self) -> Launch;

    /// Its address, with credentials.
    fn url(&self) -> &str;

    /// Its name and version.
    fn version(&self) -> String;

    /// Its working directory, which identifies a process of an earlier run.
    fn folder(&self) -> &Path;

    /// Checks that it responds.
    fn answers(&self) -> impl Future<Output = io::Result<()>> + Send;

    /// Whether it stopped on request.
    fn stopped_on_request(&self, status: ExitStatus) -> bool {
        status.success()
    }

    /// Whether its log shows a temporary problem, so that another attempt may succeed.
    fn is_transient(&self, _log: &str) -> bool {
        false
    }
}

/// A private server. Dropping it stops it.
#[derive(Debug)]
pub struct Server<R: Recipe> {
    recipe: R,
    process: Process,
    log: PathBuf,
    pid_file: PathBuf,
}

impl<R: Recipe> Server<R> {
    /// Stops the process of an earlier run, starts the server and waits until it answers.
    pub(super) async fn start(recipe: R, stack: &Path) -> Result<Self> {
        let log = stack.join("log").join(format!("{}.log", R::NAME));
        let pid_file = stack.join(format!("{}.pid", R::NAME));
        end_leftover(&pid_file, recipe.folder()).await;
        let _ = fs::remove_file(&log);
        let process = start(&recipe, &log, &pid_file).await?;
        Ok(Self { recipe, process, log, pid_file })
    }

    /// Its address, with credentials.
    pub fn url(&self) -> &str {
        self.recipe.url()
    }

    /// Its process id; the last one while it is stopped.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Its name and version.
    pub fn version(&self) -> String {
        self.recipe.version()
    }

    /// Its process.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Whether it stopped on request.
    pub fn stopped_on_request(&self, status: ExitStatus) -> bool {
        self.recipe.stopped_on_request(status)
    }

    /// Stops it gracefully.
    pub async fn stop(&mut self) {
        self.process.end(STOP_TIMEOUT).await;
    }

    /// Kills it with SIGKILL, like a crash.
    pub async fn kill(&mut self) {
        self.process.signal_family(Signal::SIGKILL);
        let _ = self.process.exited().await;
    }

    /// Pauses it: connections stay open, but it does not respond.
    pub fn pause(&self) {
        self.process.pause();
    }

    /// Resumes it after [`pause`](Self::pause).
    pub fn resume(&self) {
        self.process.signal_family(Signal::SIGCONT);
    }

    /// Restarts it with the same port and data. Stops it first if it is running.
    ///
    /// # Errors
    ///
    /// If it does not answer within a minute; the message ends with its log.
    pub async fn restart(&mut self) -> Result<()> {
        self.stop().await;
        self.process = start(&self.recipe, &self.log, &self.pid_file).await?;
        Ok(())
    }

    pub(super) fn recipe(&self) -> &R {
        &self.recipe
    }
}

impl<R: Recipe> Drop for Server<R> {
    fn drop(&mut self) {
        self.process.end_blocking(STOP_TIMEOUT);
        let _ = fs::remove_file(&self.pid_file);
    }
}

async fn start<R: Recipe>(recipe: &R, log: &Path, pid_file: &Path) -> Result<Process> {
    let deadline = Instant::now() + START_TIMEOUT;
    loop {
        let output = OpenOptions::new().create(true).append(true).open(log)?;
        let process = recipe.launch().output(output)?.spawn()?;
        fs::write(pid_file, process.pid().to_string())?;
        match until_it_answers(recipe, &process, deadline).await {
            Ok(()) => return Ok(process),
            Err(_) if recipe.is_transient(&folder::tail(log)) && Instant::now() < deadline => {
                sleep(Duration::from_millis(200)).await;
            }
            Err(error) => {
                process.end(Duration::from_secs(1)).await;
                return Err(error.context(folder::tail(log)));
            }
        }
    }
}

async fn until_it_answers<R: Recipe>(
    recipe: &R,
    process: &Process,
    deadline: Instant,
) -> Result<()> {
    loop {
        if let Some(status) = process.status() {
            bail!("{} exited immediately ({status})", R::NAME);
        }
        let answer = timeout(Duration::from_secs(1), recipe.answers()).await;
        let error = match answer {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => error,
            Err(elapsed) => elapsed.into(),
        };
        if Instant::now() > deadline {
            return Err(error).with_context(|| format!("{} does not answer", R::NAME));
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// Stops the process in `pid_file` if it is ours: ids are reused.
async fn end_leftover(pid_file: &Path, folder: &Path) {
    let Some(number) = fs::read_to_string(pid_file).ok().and_then(|text| text.trim().parse().ok())
    else {
        return;
    };
    let deadline = Instant::now() + STOP_TIMEOUT;
    let mut signal = Signal::SIGINT;
    while pid::works_in(number, folder) {
        let _ = pid::send(number, signal);
        let _ = pid::send(number, Signal::SIGCONT);
        sleep(Duration::from_millis(100)).await;
        if Instant::now() > deadline {
            signal = Signal::SIGKILL;
        }
    }
}
