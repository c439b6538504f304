//! `migrate`: applies all pending migrations to the database in `DATABASE_URL`, then exits.

use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use clap::Parser;
use keyward_migrations::Schema;
use sqlx::{PgPool, postgres::PgConnectOptions};

/// Applies all pending migrations to the database in `DATABASE_URL`, then exits.
///
/// Safe to repeat, also concurrently. Reads `DATABASE_URL`, or the file that `DATABASE_URL_FILE`
/// names, from the environment and `.env`.
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
    match dotenvy::from_path(".env") {
        Err(error) if !error.not_found() => bail!(".env is malformed"),
        _ => {}
    }
    let options = connect_options(&database_url()?)?;
    let pool = PgPool::connect_with(keyward_migrations::with_session_settings(options))
        .await
        .context("no connection to the database; PgBouncer is not supported")?;
    keyward_migrations::ensure_session_settings(&pool).await?;
    if !cli.check {
        keyward_migrations::run(&pool).await?;
    }
    keyward_migrations::check(&pool).await
}

/// Reads the URL; the error does not contain it.
fn connect_options(url: &str) -> anyhow::Result<PgConnectOptions> {
    let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
    ensure!(is_postgres, "DATABASE_URL: must begin with postgres:// or postgresql://");
    url.parse().context("DATABASE_URL")
}

/// Returns `DATABASE_URL`, or the contents of the file in `DATABASE_URL_FILE`.
#[expect(clippy::disallowed_methods, reason = "one variable; the schema knows no settings")]
fn database_url() -> anyhow::Result<String> {
    let variable = |name| std::env::var(name).ok().filter(|text| !text.is_empty());
    if let Some(url) = variable("DATABASE_URL") {
        return Ok(url);
    }
    let path =
        variable("DATABASE_URL_FILE").context("DATABASE_URL is not set (nor DATABASE_URL_FILE)")?;
    let url = std::fs::read_to_string(path).context("DATABASE_URL_FILE cannot be read")?;
    Ok(url.trim_end().to_owned())
}
