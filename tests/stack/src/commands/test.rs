//! `test` and `run`: run the tests, or any command, with temporary servers.

use std::{
    pin::pin,
    process::{ExitCode, ExitStatus},
};

use anyhow::{Context, Result};
use keyward_stack::{
    Durability, MailSink, Stack, console::Step, find, folder, mail_sink, process::Launch,
};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use super::{at_terminal, build, cargo, exit_code, run_until, servers, shutdown_requested};

/// The test that checks the record of the API's responses after a run of the whole suite.
const RESPONSES: [&str; 4] = [
    "--test=contracts",
    "--run-ignored=only",
    "--filterset",
    "test(=responses::every_documented_response_is_produced)",
];

/// Number of files and connections that a test may open.
const OPEN_FILES: u64 = 8_192;

/// Runs the tests of the workspace, each in its own process. Without arguments, it then checks that
/// they have produced every documented response of the API, and runs the documentation tests, which
/// cargo-nextest skips.
pub(crate) async fn tests(args: &[&str]) -> Result<ExitCode> {
    let mut commands = vec![nextest(args)?];
    if args.is_empty() {
        commands.push(nextest(&RESPONSES)?);
        commands.push(cargo(&["test", "--workspace", "--doc"]));
    }
    with_servers(commands).await
}

fn nextest(args: &[&str]) -> Result<Launch> {
    let program = find::on_path("cargo-nextest").into_iter().next();
    let program = program.context(
        "cargo-nextest is missing: run `make cargo-nextest` or \
         `cargo install cargo-nextest --locked`",
    )?;
    let words = [&["nextest", "run", "--workspace"], args].concat();
    Ok(at_terminal(Launch::new(program)).args(words))
}

/// Runs any command.
pub(crate) async fn command(words: &[&str]) -> Result<ExitCode> {
    let (program, args) =
        words.split_first().context("no command given: keyward-stack run -- COMMAND")?;
    with_servers(vec![Launch::new(*program).args(args.iter().copied()).in_terminal()]).await
}

/// Runs commands one after the other, until one fails.
async fn with_servers(commands: Vec<Launch>) -> Result<ExitCode> {
    build(&["--bins"]).await?;
    // Some tests open more connections than many systems allow by default.
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, soft.max(hard.min(OPEN_FILES)), hard)?;
    let mut shutdown = pin!(shutdown_requested()?);

    let step = Step::start();
    let home = folder::scratch("test")?;
    let stack = Stack::start(home.path(), Durability::Scratch).await?;
    let mail = MailSink::start(mail_sink::Options::default())?;
    step.done(format!(
        "started {}, {}, {} and a mail sink",
        stack.postgres.version(),
        stack.redis.version(),
        stack.nats.version()
    ));

    let mut code = Ok(ExitCode::SUCCESS);
    for command in commands {
        let command = servers::variables(&stack, &mail)
            .into_iter()
            .fold(command, |command, (name, value)| command.env(name, value))
            .env("KEYWARD_TEST_BIN_DIR", folder::target().join("debug"))
            .env("KEYWARD_TEST_RESPONSES", home.path().join("responses"));
        let status = run_until(command, shutdown.as_mut()).await;
        let has_failed = !status.as_ref().is_ok_and(ExitStatus::success);
        code = status.map(exit_code);
        if has_failed {
            break;
        }
    }
    stack.discard().await;
    code
}
