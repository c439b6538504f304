//! The schema of Keyward's database: its own tables and those of the job queue.
//!
//! Forward only, additive first: the binaries of a release run on the schema of the next one, so that
//! instances can be replaced one by one.

use anyhow::Context as _;
use apalis_postgres::PostgresStorage;
use sqlx::{PgPool, migrate::Migrator};

/// Keyward's own migrations, in order.
pub static MIGRATOR: Migrator = sqlx::migrate!("./sql");

/// Keyward's changes to the table of the job queue. Applied after the queue has created it; safe to
/// repeat.
pub const QUEUE_INDEXES: &str = include_str!("../queue_indexes.sql");

/// Applies all pending migrations. Safe to repeat, also concurrently: an advisory lock lets one caller
/// run at a time.
///
/// # Errors
///
/// If Postgres is unreachable, or an applied migration was changed.
pub async fn run(pool: &PgPool) -> anyhow::Result<()> {
    MIGRATOR.run(pool).await.context("the migrations of Keyward")?;
    PostgresStorage::setup(pool).await.context("the migrations of the job queue")?;
    // All statements of one batch run in one transaction.
    sqlx::raw_sql(QUEUE_INDEXES).execute(pool).await.context("the indexes of the job queue")?;
    Ok(())
}
