//! `test` and `run`: a command, usually `cargo test`, with fresh servers around it.

use std::{
    pin::pin,
    process::{ExitCode, ExitStatus},
};

use anyhow::{Context, Result};
use keyward_stack::{
    Durability, MailSink, Stack, console::Step, folder, mail_sink, process::Launch,
};

use super::{asked_to_end, build, cargo, passed_on, servers, to_its_end};

/// The test that checks the record of the API's responses after a run of the whole suite.
const RESPONSES: [&str; 7] = [
    "test",
    "--workspace",
    "--test=contracts",
    "--",
    "--ignored",
    "--exact",
    "responses::every_documented_response_is_produced",
];

/// Runs the tests of the workspace. If no argument selects some of them, it then checks that they
/// have produced every documented response of the API.
pub(crate) async fn cargo_test(args: &[&str]) -> Result<ExitCode> {
    let tests = cargo(&[&["test", "--workspace"], args].concat());
    let check = args.is_empty().then(|| cargo(&RESPONSES));
    around([Some(tests), check]).await
}

/// Runs any command.
pub(crate) async fn run(command: &[&str]) -> Result<ExitCode> {
    let (program, args) =
        command.split_first().context("a command is needed: keyward-stack run -- COMMAND")?;
    around([Some(Launch::new(*program).args(args).in_terminal()), None]).await
}

/// Runs commands one after the other, until one fails.
async fn around(launches: [Option<Launch>; 2]) -> Result<ExitCode> {
    build(&["--bins"]).await?;
    let mut asked = pin!(asked_to_end()?);

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

    let mut code = Ok(ExitCode::SUCCESS);
    for launch in launches.into_iter().flatten() {
        let launch = servers::variables(&stack, &mail)
            .into_iter()
            .fold(launch, |launch, (name, value)| launch.env(name, value))
            .env("KEYWARD_TEST_BIN_DIR", folder::target().join("debug"))
            .env("KEYWARD_TEST_RESPONSES", home.path().join("responses"));
        let status = to_its_end(launch, asked.as_mut()).await;
        let has_failed = !status.as_ref().is_ok_and(ExitStatus::success);
        code = status.map(passed_on);
        if has_failed {
            break;
        }
    }
    stack.discard().await;
    code
}
