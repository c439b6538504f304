use keyward_core::domain::UserId;
use uuid::Uuid;

use crate::{Account, World};

/// Behind the API's back.
impl World {
    /// The account that has an address.
    pub async fn user_id(&self, email: &str) -> UserId {
        let id: Uuid = sqlx::query_scalar("select user_id from users where email_key = lower($1)")
            .bind(email)
            .fetch_one(&self.db)
            .await
            .unwrap();
        UserId(id)
    }

    /// Locks an account, as an administrator does; the cache is not told.
    pub async fn disable(&self, account: &Account) {
        self.sql(&format!(
            "update users set status = 'disabled' where email_key = lower('{}')",
            account.email
        ))
        .await;
    }

    /// Makes somebody an administrator; the cache is told.
    pub async fn promote(&self, account: &Account) {
        let user = self.user_id(&account.email).await;
        self.sql(&format!(
            "update users set role = 'admin', version = version + 1 where user_id = '{user}'"
        ))
        .await;
        self.drop_from_cache(format!("user:{user}")).await;
    }

    /// Runs a statement; returns how many rows it invalidations.
    pub async fn sql(&self, statement: &str) -> u64 {
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        sqlx::query(statement).execute(&self.db).await.unwrap().rows_affected()
    }

    /// Counts rows, for example of `users where status = 'active'`.
    pub async fn count(&self, rows: &str) -> i64 {
        let statement = sqlx::AssertSqlSafe(format!("select count(*) from {rows}"));
        sqlx::query_scalar(statement).fetch_one(&self.db).await.unwrap()
    }

    /// What Redis holds under a key of this world, for example `user:<id>`.
    pub async fn cached(&self, key: impl std::fmt::Display) -> Option<String> {
        let mut redis = self.redis().await;
        redis::cmd("GET").arg(self.key(key)).query_async(&mut redis).await.unwrap()
    }

    /// Puts something under a key of this world.
    pub async fn put_in_cache(&self, key: impl std::fmt::Display, value: impl AsRef<[u8]>) {
        let mut redis = self.redis().await;
        let mut set = redis::cmd("SET");
        set.arg(self.key(key)).arg(value.as_ref());
        set.query_async::<()>(&mut redis).await.unwrap();
    }

    /// Removes a key of this world.
    pub async fn drop_from_cache(&self, key: impl std::fmt::Display) {
        let mut redis = self.redis().await;
        redis::cmd("DEL").arg(self.key(key)).query_async::<()>(&mut redis).await.unwrap();
    }

    /// A connection to Redis, which every world shares: look at keys of this world only.
    pub async fn redis(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(crate::server("REDIS_URL")).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    fn key(&self, key: impl std::fmt::Display) -> String {
        format!("{}:{key}", self.name())
    }
}
