//! A child process that ends with this process and does not get our terminal's Ctrl-C.

use std::{
    ffi::OsString,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
pub use nix::sys::signal::Signal;
use tokio::{sync::watch, time::timeout};

use crate::{pid, servers::Account};

/// A command, and how its process starts and stops.
#[derive(Debug)]
pub struct Launch {
    program: PathBuf,
    args: Vec<OsString>,
    env: Vec<(String, OsString)>,
    unset: Vec<String>,
    folder: Option<PathBuf>,
    account: Option<Account>,
    stop_signal: Signal,
    in_terminal: bool,
    input: Stdio,
    output: Option<(Stdio, Stdio)>,
}

impl Launch {
    /// Runs `program` with our environment in our folder. SIGTERM stops it.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            env: Vec::new(),
            unset: Vec::new(),
            folder: None,
            account: None,
            stop_signal: Signal::SIGTERM,
            in_terminal: false,
            input: Stdio::null(),
            output: None,
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Removes an environment variable.
    #[must_use]
    pub fn without_env(mut self, name: impl Into<String>) -> Self {
        self.unset.push(name.into());
        self
    }

    /// Sets the working directory.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Runs it as another user.
    #[must_use]
    pub fn account(mut self, account: Option<Account>) -> Self {
        self.account = account;
        self
    }

    /// Sets the signal that stops it, also when this process ends; SIGTERM by default.
    #[must_use]
    pub fn stop_signal(mut self, signal: Signal) -> Self {
        self.stop_signal = signal;
        self
    }

    /// Gives it our terminal: its input and its Ctrl-C.
    #[must_use]
    pub fn in_terminal(mut self) -> Self {
        self.in_terminal = true;
        self.input = Stdio::inherit();
        self
    }

    /// Sets its standard input; empty by default.
    #[must_use]
    pub fn input(mut self, from: impl Into<Stdio>) -> Self {
        self.input = from.into();
        self
    }

    /// Redirects its standard output and standard error to a file or a pipe.
    ///
    /// # Errors
    ///
    /// If the descriptor cannot be duplicated.
    pub fn output(mut self, to: impl Into<std::os::fd::OwnedFd>) -> Result<Self> {
        let to = to.into();
        self.output = Some((to.try_clone()?.into(), to.into()));
        Ok(self)
    }

    /// Starts the process.
    ///
    /// # Errors
    ///
    /// If it cannot be started. (With `setpriv` a missing program shows as exit code 127.)
    pub fn spawn(self) -> Result<Process> {
        let stop_signal = self.stop_signal;
        let name = self.program.display().to_string();
        let (started, pid) = mpsc::sync_channel(1);
        let (ended, exit) = watch::channel(None);
        // The parent-death signal is sent when the *thread* that forked ends. So every child gets a
        // thread that waits for it.
        thread::Builder::new().name("child".into()).spawn(move || {
            match self.into_command().spawn() {
                Ok(mut child) => {
                    let _ = started.send(Ok(child.id()));
                    ended.send_replace(Some(child.wait().unwrap_or_default()));
                }
                Err(error) => {
                    let _ = started.send(Err(error));
                }
            }
        })?;
        let pid = pid.recv()?.with_context(|| format!("starting {name}"))?;
        Ok(Process { pid, stop_signal, exit })
    }

    /// Runs it until it exits.
    ///
    /// # Errors
    ///
    /// If it cannot be started.
    pub async fn run(self) -> Result<ExitStatus> {
        self.spawn()?.exited().await
    }

    fn into_command(self) -> Command {
        let mut command = match setpriv() {
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                // A change of user clears the death signal: setpriv does both in the right order.
                command.args(["--pdeathsig", self.stop_signal.as_str()]);
                if let Some(account) = self.account {
                    command
                        .arg(format!("--reuid={}", account.uid))
                        .arg(format!("--regid={}", account.gid))
                        .arg("--clear-groups");
                }
                command.arg(self.program);
                command
            }
            None => {
                let mut command = Command::new(self.program);
                if let Some(account) = self.account {
                    command.uid(account.uid).gid(account.gid);
                }
                command
            }
        };
        for name in self.unset {
            command.env_remove(name);
        }
        command.args(self.args).envs(self.env).stdin(self.input);
        if let Some((out, err)) = self.output {
            command.stdout(out).stderr(err);
        }
        if let Some(folder) = self.folder {
            command.current_dir(folder);
        }
        if !self.in_terminal {
            command.process_group(0);
        }
        command
    }
}

/// A child process, running or ended.
///
/// Dropping this does not stop it; the end of this process does, if `setpriv` (util-linux) exists.
#[derive(Debug)]
pub struct Process {
    pid: u32,
    stop_signal: Signal,
    exit: watch::Receiver<Option<ExitStatus>>,
}

impl Process {
    /// Its process id, also after its end.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Its exit status, if it has ended.
    pub fn status(&self) -> Option<ExitStatus> {
        *self.exit.borrow()
    }

    /// Waits until it ends.
    ///
    /// # Errors
    ///
    /// Does not happen: the thread that waits for it would have to end.
    pub async fn exited(&self) -> Result<ExitStatus> {
        let mut exit = self.exit.clone();
        let status = *exit.wait_for(Option::is_some).await?;
        status.context("the process has no exit status")
    }

    /// Sends a signal, unless it has ended.
    pub fn signal(&self, signal: Signal) {
        if self.status().is_none() {
            let _ = pid::send(self.pid, signal);
        }
    }

    /// Sends a signal to it and its current children.
    pub fn signal_family(&self, signal: Signal) {
        if self.status().is_none() {
            let children = pid::children_of(self.pid);
            self.signal(signal);
            for child in children {
                let _ = pid::send(child, signal);
            }
        }
    }

    /// Pauses it and its current children, and waits until it is stopped: on a busy machine its threads
    /// keep running until one of them has received the signal.
    pub fn pause(&self) {
        self.signal_family(Signal::SIGSTOP);
        let deadline = Instant::now() + Duration::from_secs(5);
        while !pid::is_stopped(self.pid) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Stops it, with SIGKILL if it has not ended within `bound`.
    pub async fn end(&self, bound: Duration) {
        self.request_stop();
        if timeout(bound, self.exited()).await.is_err() {
            self.signal_family(Signal::SIGKILL);
            let _ = self.exited().await;
        }
    }

    /// Like [`end`](Self::end), for synchronous code.
    pub fn end_blocking(&self, bound: Duration) {
        self.request_stop();
        let deadline = Instant::now() + bound;
        while self.status().is_none() {
            if Instant::now() > deadline {
                return self.signal_family(Signal::SIGKILL);
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// A paused process handles the signal only after it is resumed.
    fn request_stop(&self) {
        self.signal(self.stop_signal);
        self.signal_family(Signal::SIGCONT);
    }
}

fn setpriv() -> Option<PathBuf> {
    crate::find::on_path("setpriv").into_iter().next()
}
