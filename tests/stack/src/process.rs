//! A child process that cannot outlive us, and that our terminal's Ctrl-C does not reach.

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

/// A command, and how its process is to live and to end.
#[derive(Debug)]
pub struct Launch {
    program: PathBuf,
    args: Vec<OsString>,
    env: Vec<(String, OsString)>,
    unset: Vec<String>,
    folder: Option<PathBuf>,
    account: Option<Account>,
    goodbye: Signal,
    in_terminal: bool,
    input: Stdio,
    output: Option<(Stdio, Stdio)>,
}

impl Launch {
    /// Runs `program` with our environment and in our folder. Asked to end with SIGTERM.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            env: Vec::new(),
            unset: Vec::new(),
            folder: None,
            account: None,
            goodbye: Signal::SIGTERM,
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

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Keeps a variable of our environment from it.
    #[must_use]
    pub fn without_env(mut self, name: impl Into<String>) -> Self {
        self.unset.push(name.into());
        self
    }

    /// Sets the folder it works in.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Runs it as somebody else.
    #[must_use]
    pub fn account(mut self, account: Option<Account>) -> Self {
        self.account = account;
        self
    }

    /// The signal that asks it to end, instead of SIGTERM. It is sent when we die, too.
    #[must_use]
    pub fn goodbye(mut self, signal: Signal) -> Self {
        self.goodbye = signal;
        self
    }

    /// Leaves it our terminal: its input, and its Ctrl-C.
    #[must_use]
    pub fn in_terminal(mut self) -> Self {
        self.in_terminal = true;
        self.input = Stdio::inherit();
        self
    }

    /// What it reads; nothing otherwise.
    #[must_use]
    pub fn input(mut self, from: impl Into<Stdio>) -> Self {
        self.input = from.into();
        self
    }

    /// Sends what it prints, on both channels, to a file or a pipe.
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
    /// If it cannot be started. (Behind `setpriv` a missing program shows as exit code 127.)
    pub fn spawn(self) -> Result<Process> {
        let goodbye = self.goodbye;
        let name = self.program.display().to_string();
        let (started, pid) = mpsc::sync_channel(1);
        let (ended, exit) = watch::channel(None);
        // A parent-death signal is sent when the *thread* dies that forked. So every child has a
        // thread of its own, which waits for it and lives exactly as long.
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
        Ok(Process { pid, goodbye, exit })
    }

    /// Runs it to its end.
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
                // Changing the user clears the death signal: setpriv must do both, in its order.
                command.args(["--pdeathsig", self.goodbye.as_str()]);
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

/// A child that was started and may have ended.
///
/// Dropping this does not end it; our own death does, where `setpriv` is there (util-linux).
#[derive(Debug)]
pub struct Process {
    pid: u32,
    goodbye: Signal,
    exit: watch::Receiver<Option<ExitStatus>>,
}

impl Process {
    /// Its process id, even after its end.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// How it ended, if it has.
    pub fn status(&self) -> Option<ExitStatus> {
        *self.exit.borrow()
    }

    /// Waits for its end.
    ///
    /// # Errors
    ///
    /// Only if the thread that waits for it is gone, which does not happen.
    pub async fn exited(&self) -> Result<ExitStatus> {
        let mut exit = self.exit.clone();
        let status = *exit.wait_for(Option::is_some).await?;
        status.context("a process without an end")
    }

    /// Sends a signal, unless it has ended.
    pub fn signal(&self, signal: Signal) {
        if self.status().is_none() {
            let _ = pid::send(self.pid, signal);
        }
    }

    /// Sends a signal to it and to its children, the children it gets meanwhile excepted.
    pub fn signal_family(&self, signal: Signal) {
        if self.status().is_none() {
            let children = pid::children_of(self.pid);
            self.signal(signal);
            for child in children {
                let _ = pid::send(child, signal);
            }
        }
    }

    /// Asks it to end, and ends it with SIGKILL when it has not after `bound`.
    pub async fn end(&self, bound: Duration) {
        self.ask_to_end();
        if timeout(bound, self.exited()).await.is_err() {
            self.signal_family(Signal::SIGKILL);
            let _ = self.exited().await;
        }
    }

    /// Like [`end`](Self::end), for where one cannot wait asynchronously.
    pub fn end_blocking(&self, bound: Duration) {
        self.ask_to_end();
        let deadline = Instant::now() + bound;
        while self.status().is_none() {
            if Instant::now() > deadline {
                return self.signal_family(Signal::SIGKILL);
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// A paused process takes note of the request once it runs again.
    fn ask_to_end(&self) {
        self.signal(self.goodbye);
        self.signal_family(Signal::SIGCONT);
    }
}

fn setpriv() -> Option<PathBuf> {
    crate::servers::find::on_path("setpriv").into_iter().next()
}
