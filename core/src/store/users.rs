//! Table `users`.

use uuid::Uuid;

use crate::{
    Result,
    app::Tx,
    domain::{DisplayName, EmailAddress, MailKind, Role, UserId},
    events::Event,
    infra::passwords::PasswordHash,
    store::{email_changes, mails},
};

/// First key of the advisory locks on addresses; the second is the hash of one.
const ADDRESS: i32 = 20_261_125;

/// What must be known of an account before it changes. Its row is locked until the unit of work
/// ends, so whatever happens to an account happens in one order.
#[derive(Debug)]
pub(crate) struct Locked {
    pub(crate) id: UserId,
    pub(crate) email: String,
    pub(crate) display_name: String,
    pub(crate) is_verified: bool,
    pub(crate) role: Role,
    pub(crate) is_active: bool,
    pub(crate) version: i64,
}

impl Locked {
    /// Whether others who want its address are told that it is taken: it is proven, or an
    /// administrator has disabled the account. What an administrator decided outlives whatever its
    /// address is used for; else who was locked out would only have to register again.
    pub(crate) fn keeps_its_address(&self) -> bool {
        self.is_verified || !self.is_active
    }
}

struct Row {
    user_id: Uuid,
    email: String,
    display_name: String,
    is_verified: bool,
    role: String,
    is_active: bool,
    version: i64,
}

impl TryFrom<Row> for Locked {
    type Error = crate::Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: UserId(row.user_id),
            email: row.email,
            display_name: row.display_name,
            is_verified: row.is_verified,
            role: row.role.parse()?,
            is_active: row.is_active,
            version: row.version,
        })
    }
}

/// A new account.
pub(crate) struct NewUser<'a> {
    pub(crate) id: UserId,
    pub(crate) email: &'a EmailAddress,
    pub(crate) display_name: &'a DisplayName,
    pub(crate) password_hash: &'a PasswordHash,
}

/// Opens an account, and says whether it did: the constraint decides who was first. Others who ask
/// for the address wait, as in [`lock_by_email`].
pub(crate) async fn insert(tx: &mut Tx, user: NewUser<'_>) -> Result<bool> {
    queue_up(tx, user.email).await?;
    let now = tx.now;
    let done = sqlx::query!(
        "insert into users (user_id, email, email_key, password_hash, display_name, created_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict on constraint users_email_taken do nothing",
        user.id.0,
        user.email.as_str(),
        user.email.key(),
        user.password_hash.0,
        user.display_name.as_str(),
        now,
    )
    .execute(tx.sql())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Waits until nobody else is at work on an address, whether or not it has an account. Were the row
/// alone what requests queue for, twenty at once would tell who has one (OWASP ASVS 5.0, 6.3.8).
async fn queue_up(tx: &mut Tx, email: &EmailAddress) -> Result<()> {
    // A lock with two keys is never one with a single key: nobody can make up an address that blocks
    // the relay. Two addresses with the same hash wait for each other, and that is all.
    sqlx::query!("select pg_advisory_xact_lock($1, hashtext($2))", ADDRESS, email.key())
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// Locks the account that has an address. Whoever asks for the same address waits until the unit
/// of work ends, also if there is no such account.
pub(crate) async fn lock_by_email(tx: &mut Tx, email: &EmailAddress) -> Result<Option<Locked>> {
    queue_up(tx, email).await?;
    let row = sqlx::query_as!(
        Row,
        r#"select user_id, email, display_name, email_verified_at is not null as "is_verified!",
                  role, status = 'active' as "is_active!", version
           from users where email_key = $1 for no key update"#,
        email.key(),
    )
    .fetch_optional(tx.sql())
    .await?;
    row.map(Locked::try_from).transpose()
}

/// Locks an account.
pub(crate) async fn lock(tx: &mut Tx, id: UserId) -> Result<Option<Locked>> {
    Ok(lock_all(tx, &[id]).await?.pop())
}

/// Locks accounts, in the order of their ids: whoever locks the same ones waits.
pub(crate) async fn lock_all(tx: &mut Tx, ids: &[UserId]) -> Result<Vec<Locked>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select user_id, email, display_name, email_verified_at is not null as "is_verified!",
                  role, status = 'active' as "is_active!", version
           from users where user_id = any($1) order by user_id for no key update"#,
        &ids,
    )
    .fetch_all(tx.sql())
    .await?;
    rows.into_iter().map(Locked::try_from).collect()
}

/// Gives an unproven account to whoever registered last: his name and password replace what the
/// one before him left. Returns the new version.
pub(crate) async fn replace_unproven(tx: &mut Tx, id: UserId, user: NewUser<'_>) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        "update users set email = $2, display_name = $3, password_hash = $4, version = version + 1
         where user_id = $1 and email_verified_at is null returning version",
        id.0,
        user.email.as_str(),
        user.display_name.as_str(),
        user.password_hash.0,
    )
    .fetch_one(tx.sql())
    .await?)
}

/// Takes the password of an account away: nobody logs in before a new one is set through the
/// mailbox. Returns the new version.
pub(crate) async fn remove_password(tx: &mut Tx, id: UserId) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        "update users set password_hash = null, version = version + 1
         where user_id = $1 returning version",
        id.0,
    )
    .fetch_one(tx.sql())
    .await?)
}

/// Notes that the address belongs to the account. Returns the new version.
pub(crate) async fn mark_verified(tx: &mut Tx, id: UserId) -> Result<i64> {
    let now = tx.now;
    Ok(sqlx::query_scalar!(
        "update users set email_verified_at = coalesce(email_verified_at, $2), version = version + 1
         where user_id = $1 returning version",
        id.0,
        now,
    )
    .fetch_one(tx.sql())
    .await?)
}

/// Gives an unproven account to whoever reads the mail. He may not be the one who registered, so
/// the name that was chosen goes; the caller replaces the password. Returns the new version.
pub(crate) async fn hand_over_unproven(tx: &mut Tx, id: UserId) -> Result<i64> {
    let now = tx.now;
    Ok(sqlx::query_scalar!(
        "update users set email_verified_at = $2, display_name = $3, version = version + 1
         where user_id = $1 returning version",
        id.0,
        now,
        DisplayName::NONE,
    )
    .fetch_one(tx.sql())
    .await?)
}

/// The hash of an account's password, if it has one.
pub(crate) async fn password_hash(tx: &mut Tx, id: UserId) -> Result<Option<PasswordHash>> {
    let hash = sqlx::query_scalar!("select password_hash from users where user_id = $1", id.0)
        .fetch_optional(tx.sql())
        .await?;
    Ok(hash.flatten().map(PasswordHash))
}

/// Sets a new password. Returns the new version.
pub(crate) async fn set_password(tx: &mut Tx, id: UserId, hash: &PasswordHash) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        "update users set password_hash = $2, version = version + 1
         where user_id = $1 returning version",
        id.0,
        hash.0,
    )
    .fetch_one(tx.sql())
    .await?)
}

/// Removes an account and announces it. Sessions, links, planned mails and changes of address go
/// with the row; the address is free again, and whoever registers it next inherits nothing.
///
/// `actor` is the administrator who does it, none for the owner. The owner is told at `goodbye`,
/// and so is every address that could still have taken a change back: the mail that says so may be
/// among those that go with the row. These addresses rest in the ledger until the mails are
/// accepted or given up, and nowhere else.
pub(crate) async fn delete(
    tx: &mut Tx,
    user: &Locked,
    actor: Option<UserId>,
    goodbye: Option<&str>,
) -> Result<()> {
    let (present, former) = match actor {
        Some(_) => (MailKind::AccountDeletedByAdmin, MailKind::AccountDeletedByAdmin),
        None => (MailKind::AccountDeleted, MailKind::FormerAccountDeleted),
    };
    let olds = email_changes::addresses_with_a_way_back(tx, user.id).await?;
    let farewells = goodbye.map(|email| (present, email));
    let farewells = farewells.into_iter().chain(olds.iter().map(|email| (former, email.as_str())));
    let mut mail_ids = Vec::new();
    for (kind, email) in farewells {
        mail_ids.push(mails::plan_to(tx, kind, None, Some(email), None).await?);
    }
    let user_id = user.id;
    let version = sqlx::query_scalar!(
        r#"delete from users where user_id = $1 returning version + 1 as "version!""#,
        user_id.0,
    )
    .fetch_one(tx.sql())
    .await?;
    tx.emit(Event::UserDeleted { user_id, version, actor_id: actor, mail_ids });
    Ok(())
}

/// The account that has an address, locked only against its deletion: to tell its owner of
/// something, while other accounts are locked.
pub(crate) async fn keep_by_email(tx: &mut Tx, email: &EmailAddress) -> Result<Option<Locked>> {
    let row = sqlx::query_as!(
        Row,
        r#"select user_id, email, display_name, email_verified_at is not null as "is_verified!",
                  role, status = 'active' as "is_active!", version
           from users where email_key = $1 for key share"#,
        email.key(),
    )
    .fetch_optional(tx.sql())
    .await?;
    row.map(Locked::try_from).transpose()
}

/// Replaces the hash of an active account's password by another one of the same password, if it is
/// still the one, and says whether it was. The version stays: nothing that anybody can see has
/// changed.
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
