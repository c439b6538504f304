//! Table `email_changes`.

use sqlx::error::DatabaseError;

use crate::{
    Error, Refusal, Result,
    app::Tx,
    domain::{EmailAddress, EmailChangeId, LinkId, SessionId, UserId},
    store::users::{self, Locked},
};

/// An address as it stands in `users`.
#[derive(Debug)]
pub(crate) struct StoredEmail {
    pub(crate) email: String,
    pub(crate) key: String,
}

/// A change of address that somebody asked for.
#[derive(Debug)]
pub(crate) struct EmailChange {
    pub(crate) id: EmailChangeId,
    /// The session that asked.
    pub(crate) session_id: SessionId,
    /// What it was.
    pub(crate) old: StoredEmail,
    /// What it is to be.
    pub(crate) new: StoredEmail,
}

/// Writes down that somebody asked for another address.
pub(crate) async fn insert(
    tx: &mut Tx,
    owner: UserId,
    session: SessionId,
    new: &EmailAddress,
) -> Result<EmailChangeId> {
    let id = EmailChangeId::new();
    let now = tx.now;
    sqlx::query!(
        "insert into email_changes (change_id, user_id, session_id, old_email, old_email_key,
                                    new_email, new_email_key, asked_at)
         select $1, user_id, $3, email, email_key, $4, $5, $6 from users where user_id = $2",
        id.0,
        owner.0,
        session.0,
        new.as_str(),
        new.key(),
        now,
    )
    .execute(tx.sql())
    .await?;
    Ok(id)
}

/// The change that a link confirms or undoes.
pub(crate) async fn of_link(tx: &mut Tx, link: LinkId) -> Result<EmailChange> {
    let row = sqlx::query!(
        "select change_id, session_id, old_email, old_email_key, new_email, new_email_key
         from email_changes join links using (change_id) where link_id = $1",
        link.0,
    )
    .fetch_one(tx.sql())
    .await?;
    Ok(EmailChange {
        id: EmailChangeId(row.change_id),
        session_id: SessionId(row.session_id),
        old: StoredEmail { email: row.old_email, key: row.old_email_key },
        new: StoredEmail { email: row.new_email, key: row.new_email_key },
    })
}

/// The addresses, other than the present one, that a link to take a change back was mailed to and
/// is still good; each mailbox once.
pub(crate) async fn addresses_with_a_way_back(tx: &mut Tx, owner: UserId) -> Result<Vec<String>> {
    let now = tx.now;
    Ok(sqlx::query_scalar!(
        "select distinct on (old_email_key) old_email
         from email_changes
              join links using (change_id)
              join users on users.user_id = email_changes.user_id
         where users.user_id = $1 and old_email_key <> email_key
               and purpose = 'undo_email_change'
               and used_at is null and revoked_at is null and links.expires_at > $2
         order by old_email_key, position desc",
        owner.0,
        now,
    )
    .fetch_all(tx.sql())
    .await?)
}

/// Gives an account an address that its owner has just proven. An account that holds the address
/// without proof is removed, with its password, its name and its links: whoever opened it could not
/// read the mail. Returns the new version.
///
/// # Errors
///
/// [`Refusal::LinkInvalid`] if another account has proven the address, or is disabled: that an
/// administrator locked it outlives everything its address is used for.
pub(crate) async fn move_to(tx: &mut Tx, owner: UserId, address: &StoredEmail) -> Result<i64> {
    if let Some(squatter) = lock_squatter(tx, owner, address).await? {
        users::delete(tx, &squatter, None, None).await?;
    }
    let now = tx.now;
    let moved = sqlx::query_scalar!(
        "update users set email = $2, email_key = $3, email_verified_at = $4, version = version + 1
         where user_id = $1 returning version",
        owner.0,
        address.email,
        address.key,
        now,
    )
    .fetch_one(tx.sql())
    .await;
    // Between two who proved it in the same moment the constraint decides.
    moved.map_err(|error| match error.as_database_error().and_then(DatabaseError::constraint) {
        Some("users_email_taken") => Refusal::LinkInvalid.into(),
        _ => Error::from(error),
    })
}

/// The account that holds an address without having proven it. A proven one is not locked: two
/// that want each other's address would wait for each other.
async fn lock_squatter(
    tx: &mut Tx,
    owner: UserId,
    address: &StoredEmail,
) -> Result<Option<Locked>> {
    let squatter = sqlx::query_scalar!(
        "select user_id from users
         where email_key = $1 and user_id <> $2 and email_verified_at is null and status = 'active'
         for update",
        address.key,
        owner.0,
    )
    .fetch_optional(tx.sql())
    .await?;
    match squatter {
        Some(id) => users::lock(tx, UserId(id)).await,
        None => Ok(None),
    }
}
