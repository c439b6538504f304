//! Table `users`.

use super::prelude::*;
use crate::{
    domain::{DisplayName, EmailAddress, Role, Status, UserId},
    infra::passwords::PasswordHash,
    languages::Locale,
};

/// First key of the advisory locks on addresses; the second is the hash of the address.
const ADDRESS_LOCK: i32 = 20_261_125;

/// An account whose row is locked until the unit of work ends. The lock puts everything that
/// happens to an account into one order.
#[derive(Debug)]
pub(crate) struct LockedUser {
    pub(crate) id: UserId,
    pub(crate) email: String,
    pub(crate) display_name: String,
    /// The language of emails to it.
    pub(crate) locale: String,
    pub(crate) is_verified: bool,
    pub(crate) role: Role,
    pub(crate) is_active: bool,
    pub(crate) version: i64,
    /// `None` if the account has no password.
    pub(crate) password_hash: Option<PasswordHash>,
}

impl LockedUser {
    /// Whether its address counts as taken: the address is verified, or an administrator has
    /// disabled the account. A disabled account keeps even an unverified address; otherwise its
    /// owner could evade the decision by registering again.
    pub(crate) fn keeps_its_address(&self) -> bool {
        self.is_verified || !self.is_active
    }

    /// Its owner, as the recipient of emails at its present address.
    pub(crate) fn recipient(&self) -> Recipient<'_> {
        self.recipient_at(&self.email)
    }

    /// Its owner, as the recipient of emails at another address.
    pub(crate) fn recipient_at<'a>(&'a self, email: &'a str) -> Recipient<'a> {
        Recipient { email, locale: &self.locale }
    }
}

/// Where an email goes, and its language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recipient<'a> {
    pub(crate) email: &'a str,
    pub(crate) locale: &'a str,
}

/// A new account.
pub(crate) struct NewUser<'a> {
    pub(crate) email: &'a EmailAddress,
    pub(crate) display_name: &'a DisplayName,
    pub(crate) locale: Locale,
    /// `None` for an account that gets its password when its address is confirmed.
    pub(crate) password_hash: Option<&'a PasswordHash>,
    pub(crate) role: Role,
    pub(crate) verified_at: Option<DateTime<Utc>>,
}

/// New values for an account; `None` keeps a value.
#[derive(Debug, Default)]
pub(crate) struct UserPatch<'a> {
    pub(crate) email: Option<&'a EmailAddress>,
    pub(crate) verified_at: Option<DateTime<Utc>>,
    pub(crate) display_name: Option<&'a str>,
    pub(crate) locale: Option<Locale>,
    pub(crate) role: Option<Role>,
    pub(crate) status: Option<Status>,
    /// `Some(None)` removes the password: no login until a new one is set through the mailbox.
    pub(crate) password_hash: Option<Option<&'a PasswordHash>>,
    /// When the password was set through an emailed link.
    pub(crate) password_reset_at: Option<DateTime<Utc>>,
}

/// A statement that returns accounts: what stands before and after the columns, and the arguments.
macro_rules! locked_users {
    ($before:literal, $after:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            LockedUser,
            $before
                + r#" user_id as "id: UserId", email, display_name, locale,
                      email_verified_at is not null as "is_verified!", role as "role: Role",
                      status = 'active' as "is_active!", version,
                      password_hash as "password_hash: PasswordHash" "#
                + $after,
            $($argument),+
        )
    };
}

/// Returns the password hash of the account that has an address, if the address is not taken yet and the
/// account has one. No lock is held.
pub(crate) async fn unverified_password(
    app: &App,
    email: &EmailAddress,
) -> Result<Option<PasswordHash>> {
    Ok(sqlx::query_scalar!(
        r#"select password_hash as "hash!: PasswordHash" from users
           where email_key = $1 and email_verified_at is null and status = 'active'
                 and password_hash is not null"#,
        email.key(),
    )
    .fetch_optional(&app.read)
    .await?)
}

/// Inserts an account; `None` if the address is taken: the constraint decides which of two inserts
/// is first. Locks the address as [`lock_by_email`] does.
pub(crate) async fn insert(tx: &mut Tx, user: NewUser<'_>) -> Result<Option<LockedUser>> {
    lock_address(tx, user.email).await?;
    let inserted = locked_users!(
        "insert into users (user_id, email, email_key, password_hash, display_name, role,
                            email_verified_at, created_at, locale)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict on constraint users_email_taken do nothing
         returning",
        "",
        UserId::new().0,
        user.email.as_str(),
        user.email.key(),
        user.password_hash.map(|hash| hash.0.as_str()),
        user.display_name.as_str(),
        user.role.as_str(),
        user.verified_at,
        tx.now,
        user.locale.as_str(),
    );
    Ok(inserted.fetch_optional(tx.sql()).await?)
}

/// Waits until no other unit of work uses an address, whether or not it has an account. If requests
/// queued on the row alone, twenty concurrent ones would reveal which address has an account (OWASP
/// ASVS 5.0, 6.3.8).
async fn lock_address(tx: &mut Tx, email: &EmailAddress) -> Result<()> {
    // Locks with two keys never collide with locks with one, such as the relay's. Two addresses
    // with the same hash only wait for each other.
    sqlx::query!("select pg_advisory_xact_lock($1, hashtext($2))", ADDRESS_LOCK, email.key())
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// Locks the account that has an address. Concurrent callers with the same address wait, even if it
/// has no account.
pub(crate) async fn lock_by_email(tx: &mut Tx, email: &EmailAddress) -> Result<Option<LockedUser>> {
    lock_address(tx, email).await?;
    let user =
        locked_users!("select", "from users where email_key = $1 for no key update", email.key());
    Ok(user.fetch_optional(tx.sql()).await?)
}

/// Locks the account that has an address against deletion only, while other accounts are locked.
pub(crate) async fn keep_by_email(tx: &mut Tx, email: &EmailAddress) -> Result<Option<LockedUser>> {
    let user =
        locked_users!("select", "from users where email_key = $1 for key share", email.key());
    Ok(user.fetch_optional(tx.sql()).await?)
}

/// Locks an account.
pub(crate) async fn lock(tx: &mut Tx, id: UserId) -> Result<Option<LockedUser>> {
    Ok(lock_all(tx, &[id]).await?.pop())
}

/// Locks accounts in the order of their ids, so that two callers wait and do not deadlock.
pub(crate) async fn lock_all(tx: &mut Tx, ids: &[UserId]) -> Result<Vec<LockedUser>> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let users = locked_users!(
        "select",
        "from users where user_id = any($1) order by user_id for no key update",
        &ids,
    );
    Ok(users.fetch_all(tx.sql()).await?)
}

/// Changes an account, increments its version, and updates `user` to the new row.
///
/// # Errors
///
/// [`crate::Error::Fault`] if another account has the new address.
pub(crate) async fn update(
    tx: &mut Tx,
    user: &mut LockedUser,
    patch: UserPatch<'_>,
) -> Result<(), sqlx::Error> {
    let updated = locked_users!(
        "update users
         set email = coalesce($2, email), email_key = coalesce($3, email_key),
             email_verified_at = coalesce($4, email_verified_at),
             display_name = coalesce($5, display_name), role = coalesce($6, role),
             status = coalesce($7, status),
             password_hash = case when $8 then $9 else password_hash end,
             password_reset_at = coalesce($10, password_reset_at),
             locale = coalesce($11, locale), version = version + 1
         where user_id = $1
         returning",
        "",
        user.id.0,
        patch.email.map(EmailAddress::as_str),
        patch.email.map(EmailAddress::key),
        patch.verified_at,
        patch.display_name,
        patch.role.map(Role::as_str),
        patch.status.map(Status::as_str),
        patch.password_hash.is_some(),
        patch.password_hash.flatten().map(|hash| hash.0.as_str()),
        patch.password_reset_at,
        patch.locale.map(Locale::as_str),
    );
    *user = updated.fetch_one(tx.sql()).await?;
    Ok(())
}

/// Replaces the hash of an active account's password by another hash of the same password, unless
/// the password has changed since then. Returns whether it did. The version stays: no view changes.
pub(crate) async fn renew_hash(
    tx: &mut Tx,
    id: UserId,
    hash: &PasswordHash,
    renewed: &PasswordHash,
) -> Result<bool> {
    let done = sqlx::query!(
        "update users set password_hash = $3
         where user_id = $1 and password_hash = $2 and status = 'active'",
        id.0,
        hash.0,
        renewed.0,
    )
    .execute(tx.sql())
    .await?;
    Ok(done.rows_affected() == 1)
}
