//! One file or folder per subcommand, and what they share.

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

/// Cargo, in the repository and at our terminal, without what an outer cargo has left in our
/// environment: some build scripts would see a change and start over.
pub(crate) fn cargo(args: &[&str]) -> Launch {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let leftovers = env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"));
    let launch = Launch::new(cargo).args(args).folder(folder::repository()).in_terminal();
    leftovers.fold(launch, Launch::without_env)
}

/// A variable of our environment, if it is set to anything.
pub(crate) fn variable(name: &str) -> Option<String> {
    let value = env::var_os(name)?.into_string().ok()?;
    (!value.is_empty()).then_some(value)
}

/// Builds with cargo, its progress visible.
///
/// The features are resolved over the whole workspace every time, so that `make up` and
/// `make test` share what they compile.
pub(crate) async fn build(args: &[&str]) -> Result<()> {
    let cargo = cargo(&["build", "--workspace"]).args(args);
    let status = cargo.run().await?;
    ensure!(status.success(), "cargo build failed");
    Ok(())
}

/// Resolves when we are asked to end, by Ctrl-C or SIGTERM.
///
/// From the call on these signals no longer end us by themselves.
pub(crate) fn asked_to_end() -> Result<impl Future<Output = ()>> {
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

/// Runs a command to its end, or ends it when we are asked to end.
pub(crate) async fn to_its_end(
    launch: Launch,
    asked: impl Future<Output = ()>,
) -> Result<ExitStatus> {
    let process = launch.spawn()?;
    tokio::select! {
        status = process.exited() => status,
        () = asked => {
            process.end(Duration::from_secs(10)).await;
            process.status().context("a process without an end")
        }
    }
}

/// The exit code to pass on: a signal counts as 128 and its number, as shells have it.
pub(crate) fn passed_on(status: ExitStatus) -> std::process::ExitCode {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or(status.signal().map(|number| 128 + number));
    let code = code.and_then(|code| u8::try_from(code).ok());
    code.unwrap_or(1).into()
}

/// SIGINT as a shell reports it: how a second Ctrl-C ends us.
pub(crate) const INTERRUPTED: i32 = 128 + Signal::SIGINT as i32;
