//! `migrate`: brings the database that `DATABASE_URL` names up to date, then ends.

use anyhow::Context as _;
use sqlx::PgPool;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    // The settings' other variables are none of its business, and a missing .env is no mistake.
    dotenvy::dotenv().ok();
    #[expect(clippy::disallowed_methods, reason = "one variable; the schema knows no settings")]
    let url = std::env::var("DATABASE_URL").context("DATABASE_URL is not set")?;
    let pool = PgPool::connect(&url).await.context("the database cannot be reached")?;
    keyward_migrations::run(&pool).await
}
