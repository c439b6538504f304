//! The schema of Keyward's database: its own tables and those of the job queue.
//!
//! Forward only, additive first: the binaries of a release run on the schema of the next one, so that
//! instances can be replaced one by one.

use std::fmt;

use anyhow::{Context as _, ensure};
use apalis_postgres::PostgresStorage;
use sqlx::{AssertSqlSafe, PgPool, migrate::Migrator, postgres::PgConnectOptions};

/// Keyward's own migrations, in order.
pub static MIGRATOR: Migrator = sqlx::migrate!("./sql");

/// Keyward's changes to the table of the job queue. Applied after the queue has created it; safe to
/// repeat.
pub const QUEUE_INDEXES: &str = include_str!("../queue_indexes.sql");

/// The schema of a database, compared with that of this release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// It is that of this release.
    Current,
    /// The database has none.
    Missing,
    /// This number of migrations is pending.
    Older(usize),
    /// This number of its migrations belongs to later releases.
    Newer(usize),
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Current => write!(f, "that of this release"),
            Self::Missing => write!(f, "missing"),
            Self::Older(count) => write!(f, "older than this release by {count} migration(s)"),
            Self::Newer(count) => write!(f, "newer than this release by {count} migration(s)"),
        }
    }
}

/// Where the tables are.
const SEARCH_PATH: &str = "public";

/// Connects to the database at a URL. The connections do not depend on the defaults of database and
/// role.
///
/// # Errors
///
/// If Postgres is unreachable, or a pooler drops the settings of the session. The error does not contain
/// the URL.
pub async fn connect(url: &str) -> anyhow::Result<PgPool> {
    let options: PgConnectOptions = url.parse().context("DATABASE_URL")?;
    let options = options.options([
        ("search_path", SEARCH_PATH),
        ("default_transaction_isolation", "read committed"),
        ("default_transaction_read_only", "off"),
        ("statement_timeout", "0"),
        ("lock_timeout", "0"),
        ("idle_in_transaction_session_timeout", "0"),
    ]);
    let pool = PgPool::connect_with(options)
        .await
        .context("no connection to the database; PgBouncer is not supported")?;
    let search_path: String =
        sqlx::query_scalar("select current_setting('search_path')").fetch_one(&pool).await?;
    ensure!(
        search_path == SEARCH_PATH,
        "a pooler such as PgBouncer drops session settings: connect to Postgres directly"
    );
    Ok(pool)
}

/// Compares the schema of a database with that of this release. Changes nothing.
///
/// # Errors
///
/// If Postgres is unreachable.
pub async fn check(pool: &PgPool) -> anyhow::Result<Schema> {
    let queue = PostgresStorage::migrations();
    let (mut is_missing, mut pending, mut unknown) = (true, 0, 0);
    for (table, migrations) in
        [("public._sqlx_migrations", &MIGRATOR), ("apalis._sqlx_migrations", &queue)]
    {
        let exists: bool = sqlx::query_scalar("select to_regclass($1) is not null")
            .bind(table)
            .fetch_one(pool)
            .await?;
        let statement = format!("select version from {table} where success");
        let applied: Vec<i64> = match exists {
            true => sqlx::query_scalar(AssertSqlSafe(statement)).fetch_all(pool).await?,
            false => Vec::new(),
        };
        let known: Vec<i64> = migrations.iter().map(|migration| migration.version).collect();
        is_missing &= applied.is_empty();
        pending += known.iter().filter(|version| !applied.contains(version)).count();
        unknown += applied.iter().filter(|version| !known.contains(version)).count();
    }
    Ok(match (pending, unknown) {
        _ if is_missing => Schema::Missing,
        (0, 0) => Schema::Current,
        (0, unknown) => Schema::Newer(unknown),
        (pending, _) => Schema::Older(pending),
    })
}

/// Applies all pending migrations. Safe to repeat, also concurrently: an advisory lock lets one caller
/// run at a time. A newer schema stays as it is.
///
/// # Errors
///
/// If Postgres is unreachable, its database is not usable, or an applied migration was changed.
pub async fn run(pool: &PgPool) -> anyhow::Result<()> {
    let encoding: String =
        sqlx::query_scalar("select current_setting('server_encoding')").fetch_one(pool).await?;
    ensure!(
        encoding == "UTF8",
        "the encoding of the database is {encoding}, but Keyward needs UTF8: create another with \
         `create database .. encoding 'UTF8' template template0`"
    );
    if let Schema::Newer(_) = check(pool).await? {
        return Ok(());
    }
    // Keyward's own last: programs recognise a complete schema by them.
    PostgresStorage::setup(pool).await.context("the migrations of the job queue")?;
    MIGRATOR.run(pool).await.context("the migrations of Keyward")?;
    // All statements of one batch run in one transaction.
    sqlx::raw_sql(QUEUE_INDEXES).execute(pool).await.context("the indexes of the job queue")?;
    Ok(())
}
