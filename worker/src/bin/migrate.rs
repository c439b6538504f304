//! `migrate`: applies all pending migrations to the database in `DATABASE_URL`, then exits.

use std::process::ExitCode;

use clap::Parser;
use keyward_core::settings::{Settings, Variables};
use keyward_migrations::Schema;
use secrecy::ExposeSecret as _;

/// Applies all pending migrations to the database in `DATABASE_URL`, then exits.
///
/// Safe to repeat, also concurrently. Reads the environment and `.env`. Of the settings it needs only
/// `DATABASE_URL`, or the file that `DATABASE_URL_FILE` names, but it refuses to start if any setting
/// is invalid.
#[derive(Debug, Parser)]
#[command(name = "migrate", version)]
struct Cli {
    /// Change nothing. Exit with 0 if the schema is that of this release; otherwise say whether it
    /// is missing, older or newer, and exit with 1.
    #[arg(long)]
    check: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli).await {
        Ok(schema) => {
            eprintln!("the schema is {schema}");
            ExitCode::from(u8::from(cli.check && schema != Schema::Current))
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: &Cli) -> anyhow::Result<Schema> {
    let url = Settings::database_url(&Variables::of_process()?)?;
    let pool = keyward_migrations::connect(url.expose_secret()).await?;
    if !cli.check {
        keyward_migrations::run(&pool).await?;
    }
    keyward_migrations::check(&pool).await
}
