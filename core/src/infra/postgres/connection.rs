//! A connection in use.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use sqlx::{Connection as _, Executor as _, PgConnection};

use super::{
    opener::{self, AfterUse},
    shared::{Idle, Life, Shared},
};

/// A connection in use. Dropping it returns it to its pool.
#[derive(Debug)]
pub struct Connection {
    shared: Arc<Shared>,
    /// Taken by `drop`.
    sql: Option<PgConnection>,
    life: Life,
    after_use: AfterUse,
}

impl Connection {
    pub(super) fn new(shared: Arc<Shared>, idle: Idle) -> Self {
        Self { shared, sql: Some(idle.sql), life: idle.life, after_use: AfterUse::Test }
    }

    /// Whether Postgres answers.
    pub(super) async fn is_alive(&mut self) -> bool {
        self.ping().await.is_ok()
    }

    /// Returns it to its pool at once: all its statements have completed.
    pub(super) fn finish(mut self) {
        self.after_use = AfterUse::Nothing;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let Some(sql) = self.sql.take() else { return };
        match self.after_use {
            AfterUse::Nothing if !self.shared.is_over(self.life) => {
                self.shared.put(sql, self.life);
            }
            after_use => opener::recycle(self.shared.clone(), sql, after_use, self.life),
        }
    }
}

#[expect(clippy::expect_used, reason = "only `drop` takes the connection")]
impl Deref for Connection {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.sql.as_ref().expect("a connection")
    }
}

#[expect(clippy::expect_used, reason = "only `drop` takes the connection")]
impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.sql.as_mut().expect("a connection")
    }
}

/// A transaction. Dropping it rolls it back.
#[derive(Debug)]
pub struct Transaction(Connection);

impl Transaction {
    /// Begins with `statement`.
    pub(super) async fn begin(
        mut connection: Connection,
        statement: &'static str,
    ) -> sqlx::Result<Self> {
        // From here on: a cancelled statement may have reached Postgres.
        connection.after_use = AfterUse::RollBack;
        connection.execute(statement).await?;
        Ok(Self(connection))
    }

    /// Commits it.
    ///
    /// # Errors
    ///
    /// If Postgres refuses, or is unreachable: then it may be committed or not.
    pub async fn commit(mut self) -> sqlx::Result<()> {
        self.0.execute("commit").await?;
        self.0.finish();
        Ok(())
    }
}

impl Deref for Transaction {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.0
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}
