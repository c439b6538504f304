//! Events of the stream that this database never committed: Postgres was restored from an older backup.
//!
//! They have no effect. What they changed is lost, and what they said about accounts is known outside:
//! other services have seen versions that the restored accounts are yet to reach.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Result, domain::UserId};

/// Returns the sequence number of the last message that was accepted as lost; 0 if there is none.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn accepted_up_to(sql: &mut PgConnection, stream: &str) -> Result<i64> {
    let accepted = sqlx::query_scalar!("select lost_up_to from streams where name = $1", stream);
    Ok(accepted.fetch_optional(sql).await?.unwrap_or(0))
}

/// Accepts that messages up to this sequence number are lost, if the outbox does not know them.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn accept(sql: &mut PgConnection, stream: &str, up_to: i64) -> Result<()> {
    sqlx::query!("update streams set lost_up_to = $2 where name = $1", stream, up_to)
        .execute(sql)
        .await?;
    Ok(())
}

/// Returns those of these accounts that exist.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn existing(sql: &mut PgConnection, accounts: &[UserId]) -> Result<Vec<UserId>> {
    let ids: Vec<Uuid> = accounts.iter().map(|account| account.0).collect();
    Ok(sqlx::query_scalar!(
        r#"select user_id as "id: UserId" from users where user_id = any($1)"#,
        &ids,
    )
    .fetch_all(sql)
    .await?)
}

/// Raises the versions of accounts above the lost ones, so that other services do not take later events
/// for earlier ones. Returns the accounts that it changed, with their new versions.
///
/// # Errors
///
/// [`crate::Error::Unavailable`] if Postgres is unreachable.
pub async fn raise_versions(
    sql: &mut PgConnection,
    lost: &[(UserId, i64)],
) -> Result<Vec<(UserId, i64)>> {
    let (accounts, versions): (Vec<Uuid>, Vec<i64>) =
        lost.iter().map(|(account, version)| (account.0, *version)).unzip();
    let raised = sqlx::query!(
        r#"with lost as (select * from unnest($1::uuid[], $2::bigint[]) as lost (user_id, version)),
                due as (
                    select users.user_id, lost.version from users join lost using (user_id)
                    where users.version < lost.version
                    order by users.user_id for no key update of users)
           update users set version = due.version + 1 from due
           where users.user_id = due.user_id and users.version < due.version
           returning users.user_id as "id: UserId", users.version"#,
        &accounts,
        &versions,
    )
    .fetch_all(sql)
    .await?;
    Ok(raised.into_iter().map(|user| (user.id, user.version)).collect())
}
