//! `keyward-stack`: runs Keyward or its tests with the servers that they need. See `make help`.

mod commands;

use std::{env, process::ExitCode};

use anyhow::Result;

const USAGE: &str = "usage: keyward-stack <command>

  up                  run Keyward and everything it needs, until Ctrl-C
  test [ARGS]         run the tests: cargo nextest run --workspace ARGS
  run -- COMMAND      run a command with the servers that the tests need
  servers             run only these servers, and print the variables for the tests
  prepare [--check]   write (or check) the query descriptions in .sqlx";

#[tokio::main]
async fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    match dispatch(&command, &rest).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(command: &str, rest: &[String]) -> Result<ExitCode> {
    let words: Vec<&str> = rest.iter().map(String::as_str).collect();
    match (command, words.as_slice()) {
        ("up", []) => commands::up::run().await,
        ("run", ["--", command @ ..]) | ("test", ["--run", "--", command @ ..]) => {
            commands::test::command(command).await
        }
        ("test", args) => commands::test::tests(args).await,
        ("servers", []) => commands::servers::run().await,
        ("prepare", []) => commands::prepare::run(false).await,
        ("prepare", ["--check"]) => commands::prepare::run(true).await,
        _ => {
            eprintln!("{USAGE}");
            Ok(ExitCode::from(2))
        }
    }
}
