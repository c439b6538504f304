//! `migrate`: applies all pending migrations to the database in `DATABASE_URL`, then exits.

use anyhow::{Context as _, bail};
use sqlx::PgPool;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    match dotenvy::dotenv() {
        Err(error) if !error.not_found() => bail!(".env cannot be read: {error}"),
        _ => {}
    }
    let url = database_url()?;
    let pool = PgPool::connect(&url).await.context("the database cannot be reached")?;
    keyward_migrations::run(&pool).await
}

/// Returns `DATABASE_URL`, or the contents of the file in `DATABASE_URL_FILE`.
#[expect(clippy::disallowed_methods, reason = "one variable; the schema knows no settings")]
fn database_url() -> anyhow::Result<String> {
    if let Ok(url) = std::env::var("DATABASE_URL") {
        return Ok(url);
    }
    let path = std::env::var("DATABASE_URL_FILE").context("DATABASE_URL is not set")?;
    let url = std::fs::read_to_string(path).context("DATABASE_URL_FILE cannot be read")?;
    Ok(url.trim_end().to_owned())
}
