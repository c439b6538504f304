//! Whether Postgres, its database and its sessions are what this release needs.

use chrono::{DateTime, Utc};
use sqlx::{PgExecutor, migrate::Migrator, postgres::PgConnectOptions};

/// The migrations that this release needs.
static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/sql");

/// Settings of every session, whatever the defaults of database and role are. sqlx sets the time zone,
/// the date style and the encoding.
const SESSION: [(&str, &str); 11] = [
    ("search_path", "public"),
    ("standard_conforming_strings", "on"),
    ("default_transaction_isolation", "read committed"),
    ("default_transaction_read_only", "off"),
    ("default_transaction_deferrable", "off"),
    // The programs have timeouts of their own.
    ("statement_timeout", "0"),
    ("lock_timeout", "0"),
    ("idle_in_transaction_session_timeout", "0"),
    // A program closes the connection after a timeout. Without this, the transaction would keep its
    // locks while it waits for another one.
    ("client_connection_check_interval", "2s"),
    // A rollback after a cancelled `begin` would be logged as a warning.
    ("client_min_messages", "error"),
    // Our statements take milliseconds, compiling a plan hundreds of them. Postgres compiles whenever
    // outdated statistics make it expect many rows.
    ("jit", "off"),
];

/// Options of connections with the session settings that we rely on.
pub(crate) fn with_session_settings(options: PgConnectOptions) -> PgConnectOptions {
    options.options(SESSION)
}

/// Why a process cannot work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unready {
    /// Postgres does not answer, or no connection can be had.
    Postgres,
    /// The database has no schema of Keyward, or its role may not read it.
    SchemaMissing,
    /// A migration that this release needs is missing.
    SchemaOlder,
    /// A later release made a change that this one cannot work with.
    SchemaNewer,
    /// The database cannot store every text.
    Encoding,
    /// The sessions do not have the settings that we rely on.
    Session,
}

impl Unready {
    /// The reason behind a message of Postgres, or of a pooler before it.
    pub(super) fn of_failure(message: &str) -> Self {
        // PgBouncer refuses settings, or loses prepared statements.
        let of_poolers = ["startup parameter", "prepared statement"];
        match of_poolers.iter().any(|text| message.contains(text)) {
            true => Self::Session,
            false => Self::Postgres,
        }
    }

    /// The reason, for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Postgres => "postgres_unavailable",
            Self::SchemaMissing => "schema_missing",
            Self::SchemaOlder => "schema_older",
            Self::SchemaNewer => "schema_newer",
            Self::Encoding => "database_encoding",
            Self::Session => "session_settings",
        }
    }

    /// The reason, for people.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Postgres => "postgres is unavailable",
            Self::SchemaMissing => "the schema is missing: run migrate",
            Self::SchemaOlder => "the schema is older than this release: run migrate",
            Self::SchemaNewer => "the schema is newer than this release supports",
            Self::Encoding => "the encoding of the database is not UTF8",
            Self::Session => {
                "a pooler such as PgBouncer drops session settings: connect to Postgres directly"
            }
        }
    }
}

/// What Postgres answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The time of Postgres.
    pub(crate) now: DateTime<Utc>,
    /// The number of migrations that were ever applied.
    pub(crate) migrations: i64,
    /// The next transaction (`xid8`). It grows, unless the database is replaced with an older one.
    pub(crate) transaction: i64,
    /// Why it cannot be used nevertheless.
    pub(crate) unready: Option<Unready>,
}

/// Examines the database on a connection that cannot write.
///
/// A later migration does not matter, because the schema only grows, unless its name begins with
/// `breaking_`.
pub(crate) async fn examine<'c>(sql: impl PgExecutor<'c> + Copy) -> Result<Answer, Unready> {
    let answer = read_migrations(sql).await;
    if answer != Err(Unready::SchemaMissing) {
        return answer;
    }
    let encoding = sqlx::query_scalar!(r#"select current_setting('server_encoding') as "name!""#);
    match encoding.fetch_one(sql).await {
        Ok(encoding) if encoding != "UTF8" => Err(Unready::Encoding),
        _ => answer,
    }
}

async fn read_migrations(sql: impl PgExecutor<'_>) -> Result<Answer, Unready> {
    let needed = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
    let row = sqlx::query!(
        r#"select clock_timestamp() as "now!",
                  count(*) as "migrations!",
                  pg_snapshot_xmax(pg_current_snapshot())::text::bigint as "transaction!",
                  coalesce(bool_or(version = $1 and success), false) as "is_complete!",
                  coalesce(bool_or(version > $1 and description like 'breaking %'), false)
                      as "is_newer!",
                  current_setting('server_encoding') = 'UTF8' as "is_utf8!",
                  current_setting('search_path') = 'public'
                      and current_setting('jit') = 'off'
                      and current_setting('standard_conforming_strings') = 'on'
                      and current_setting('transaction_isolation') = 'read committed'
                      and current_setting('transaction_read_only') = 'on' as "is_pinned!"
           from public._sqlx_migrations"#,
        needed,
    )
    .fetch_one(sql)
    .await
    .map_err(|error| reason(&error))?;
    let unready = match row.migrations {
        _ if !row.is_utf8 => Some(Unready::Encoding),
        _ if !row.is_pinned => Some(Unready::Session),
        0 => Some(Unready::SchemaMissing),
        _ if row.is_newer => Some(Unready::SchemaNewer),
        _ if !row.is_complete => Some(Unready::SchemaOlder),
        _ => None,
    };
    let (now, migrations, transaction) = (row.now, row.migrations, row.transaction);
    Ok(Answer { now, migrations, transaction, unready })
}

/// The reason behind an error.
fn reason(error: &sqlx::Error) -> Unready {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    match code.as_deref() {
        // undefined_table, insufficient_privilege
        Some("42P01" | "42501") => Unready::SchemaMissing,
        _ => Unready::of_failure(&error.to_string()),
    }
}
