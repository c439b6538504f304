//! The schema of Keyward's database: our own tables and those of the job queue.
//!
//! Forward only, additive first: the binaries of the release before must run on the schema of the
//! release after, so that instances can be replaced one by one.

use anyhow::Context as _;
use apalis_postgres::PostgresStorage;
use sqlx::{PgPool, migrate::Migrator};

/// Our own migrations, in order.
pub static MIGRATOR: Migrator = sqlx::migrate!("./sql");

/// What we add to the job queue's own table, after it has been made; changes nothing if it is there.
pub const QUEUE_INDEXES: &str = include_str!("../queue_indexes.sql");

/// Brings a database up to date. May run any number of times, also at the same time: Postgres
/// lets one at a time through.
///
/// # Errors
///
/// If the database is away, or a migration that has run was changed afterwards.
pub async fn run(pool: &PgPool) -> anyhow::Result<()> {
    MIGRATOR.run(pool).await.context("the migrations of keyward")?;
    PostgresStorage::setup(pool).await.context("the migrations of the job queue")?;
    // One batch is one transaction.
    sqlx::raw_sql(QUEUE_INDEXES).execute(pool).await.context("our indexes of the job queue")?;
    Ok(())
}
