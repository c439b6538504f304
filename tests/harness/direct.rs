use keyward_core::domain::UserId;
use uuid::Uuid;

use crate::{Account, World};

/// Direct access to Postgres and Redis.
impl World {
    /// The id of the account with an address.
    pub async fn user_id(&self, email: &str) -> UserId {
        let id: Uuid = sqlx::query_scalar("select user_id from users where email_key = lower($1)")
            .bind(email)
            .fetch_one(&self.db)
            .await
            .unwrap();
        UserId(id)
    }

    /// Disables an account without an invalidation of the cache.
    pub async fn disable(&self, account: &Account) {
        self.sql(&format!(
            "update users set status = 'disabled' where email_key = lower('{}')",
            account.email
        ))
        .await;
    }

    /// Makes an account an administrator, and invalidates the cache.
    pub async fn promote(&self, account: &Account) {
        let user = self.user_id(&account.email).await;
        self.sql(&format!(
            "update users set role = 'admin', version = version + 1 where user_id = '{user}'"
        ))
        .await;
        self.drop_from_cache(format!("user:{user}")).await;
    }

    /// Runs a statement; returns the number of affected rows.
    pub async fn sql(&self, statement: &str) -> u64 {
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        sqlx::query(statement).execute(&self.db).await.unwrap().rows_affected()
    }

    /// Counts rows, for example of `users where status = 'active'`.
    pub async fn count(&self, rows: &str) -> i64 {
        let statement = sqlx::AssertSqlSafe(format!("select count(*) from {rows}"));
        sqlx::query_scalar(statement).fetch_one(&self.db).await.unwrap()
    }

    /// The number of connections that wait for a lock in Postgres.
    pub async fn waiting_for_locks(&self) -> i64 {
        let waiting =
            "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        self.count(waiting).await
    }

    /// The value of a key of this world in Redis, for example `user:<id>`.
    pub async fn cached(&self, key: impl std::fmt::Display) -> Option<String> {
        let mut redis = self.redis().await;
        redis::cmd("GET").arg(self.key(key)).query_async(&mut redis).await.unwrap()
    }

    /// Sets a key of this world.
    pub async fn put_in_cache(&self, key: impl std::fmt::Display, value: impl AsRef<[u8]>) {
        let mut redis = self.redis().await;
        let mut set = redis::cmd("SET");
        set.arg(self.key(key)).arg(value.as_ref());
        set.query_async::<()>(&mut redis).await.unwrap();
    }

    /// Deletes a key of this world.
    pub async fn drop_from_cache(&self, key: impl std::fmt::Display) {
        let mut redis = self.redis().await;
        redis::cmd("DEL").arg(self.key(key)).query_async::<()>(&mut redis).await.unwrap();
    }

    /// A connection to Redis, which all worlds share: use keys of this world only.
    pub async fn redis(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(crate::server("REDIS_URL")).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    fn key(&self, key: impl std::fmt::Display) -> String {
        format!("{}:{key}", self.name())
    }
}
