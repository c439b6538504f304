//! One file or folder per subcommand, and helpers that they share.

pub(crate) mod prepare;
pub(crate) mod servers;
pub(crate) mod test;
pub(crate) mod up;

use std::{env, future::Future, process::ExitStatus, time::Duration};

use anyhow::{Context, Result, ensure};
use keyward_stack::{
    folder,
    process::{Launch, Signal},
};
use tokio::signal::unix::{SignalKind, signal};

/// Runs cargo in the repository, in our terminal.
pub(crate) fn cargo(args: &[&str]) -> Launch {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    at_terminal(Launch::new(cargo)).args(args.iter().copied())
}

/// Runs a command in the repository, in our terminal, without the variables that an outer cargo
/// sets: some build scripts would see a change and start over.
pub(crate) fn at_terminal(launch: Launch) -> Launch {
    let leftovers = env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"));
    let launch = launch.folder(folder::repository()).in_terminal();
    leftovers.fold(launch, Launch::without_env)
}

/// A variable of our environment, unless it is empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    let value = env::var_os(name)?.into_string().ok()?;
    (!value.is_empty()).then_some(value)
}

/// Builds with cargo and shows its progress.
///
/// Always builds the whole workspace, so that `make up` and `make test` use the same features and
/// share compiled code.
pub(crate) async fn build(args: &[&str]) -> Result<()> {
    let status = cargo(&["build", "--workspace"]).args(args.iter().copied()).run().await?;
    ensure!(status.success(), "cargo build failed");
    Ok(())
}

/// Resolves on Ctrl-C, SIGTERM or SIGHUP.
///
/// After the call, these signals no longer end this process.
pub(crate) fn shutdown_requested() -> Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    })
}

/// Runs a command until it exits, and stops it if a shutdown is requested.
pub(crate) async fn run_until(
    launch: Launch,
    shutdown: impl Future<Output = ()>,
) -> Result<ExitStatus> {
    let process = launch.spawn()?;
    tokio::select! {
        status = process.exited() => status,
        () = shutdown => {
            process.end(Duration::from_secs(10)).await;
            process.status().context("the process has no exit status")
        }
    }
}

/// The exit code to return for a command; 128 plus its number for a signal, as shells do.
pub(crate) fn exit_code(status: ExitStatus) -> std::process::ExitCode {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or(status.signal().map(|number| 128 + number));
    let code = code.and_then(|code| u8::try_from(code).ok());
    code.unwrap_or(1).into()
}

/// The exit code after Ctrl-C before everything is ready or stopped: that of SIGINT.
pub(crate) const INTERRUPTED: u8 = 128 + Signal::SIGINT as u8;
