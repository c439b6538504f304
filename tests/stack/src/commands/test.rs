//! `test` and `run`: a command, usually `cargo test`, with fresh servers around it.

use std::process::ExitCode;

use anyhow::{Context, Result};
use keyward_stack::{
    Durability, MailSink, Stack, console::Step, folder, mail_sink, process::Launch,
};

use super::{asked_to_end, build, cargo, passed_on, servers, to_its_end};

/// Runs the tests of the workspace.
pub(crate) async fn cargo_test(args: &[&str]) -> Result<ExitCode> {
    let all = [&["test", "--workspace"], args].concat();
    around(cargo(&all)).await
}

/// Runs any command.
pub(crate) async fn run(command: &[&str]) -> Result<ExitCode> {
    let (program, args) =
        command.split_first().context("a command is needed: keyward-stack run -- COMMAND")?;
    around(Launch::new(*program).args(args).in_terminal()).await
}

async fn around(launch: Launch) -> Result<ExitCode> {
    build(&["--bins"]).await?;
    let asked = asked_to_end()?;

    let step = Step::start();
    let home = folder::scratch("test")?;
    let stack = Stack::start(home.path(), Durability::Scratch).await?;
    let mail = MailSink::start(mail_sink::Options::default())?;
    step.done(format!(
        "{}, {}, {} and a mail sink",
        stack.postgres.version(),
        stack.redis.version(),
        stack.nats.version()
    ));

    let launch = servers::variables(&stack, &mail)
        .into_iter()
        .fold(launch, |launch, (name, value)| launch.env(name, value))
        .env("KEYWARD_TEST_BIN_DIR", folder::target().join("debug"));
    let status = to_its_end(launch, asked).await;
    stack.discard().await;
    Ok(passed_on(status?))
}
