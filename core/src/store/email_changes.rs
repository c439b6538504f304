//! Table `email_changes`.

use sqlx::error::DatabaseError;

use super::{LockedUser, UserPatch, account_deletion, prelude::*, users};
use crate::domain::{EmailAddress, EmailChangeId, LinkId, SessionId, UserId};

/// A requested change of an account's address.
#[derive(Debug)]
pub(crate) struct EmailChange {
    pub(crate) id: EmailChangeId,
    /// Its place among the changes of the account.
    pub(crate) position: i64,
    /// The session that requested it.
    pub(crate) session_id: SessionId,
    pub(crate) old_email: EmailAddress,
    pub(crate) new_email: EmailAddress,
}

/// Records a request for another address.
pub(crate) async fn insert(
    tx: &mut Tx,
    owner: UserId,
    session: SessionId,
    new: &EmailAddress,
) -> Result<EmailChangeId> {
    let id = EmailChangeId::new();
    sqlx::query!(
        "insert into email_changes (change_id, user_id, session_id, old_email, old_email_key,
                                    new_email, new_email_key, asked_at)
         select $1, user_id, $3, email, email_key, $4, $5, $6 from users where user_id = $2",
        id.0,
        owner.0,
        session.0,
        new.as_str(),
        new.key(),
        tx.now,
    )
    .execute(tx.sql())
    .await?;
    Ok(id)
}

/// Returns the change that a link confirms or undoes.
pub(crate) async fn of_link(tx: &mut Tx, link: LinkId) -> Result<EmailChange> {
    Ok(sqlx::query_as!(
        EmailChange,
        r#"select change_id as "id: EmailChangeId", position,
                  session_id as "session_id: SessionId", old_email as "old_email: EmailAddress",
                  new_email as "new_email: EmailAddress"
           from email_changes join links using (change_id) where link_id = $1"#,
        link.0,
    )
    .fetch_one(tx.sql())
    .await?)
}

/// Gives an account an address that its owner has just verified, with other changes in `patch`.
/// Deletes an account that holds the address unverified, with its password, name and links: the
/// person who registered it could not read the mailbox.
///
/// # Errors
///
/// [`Refusal::LinkInvalid`] if another account has verified the address, or is disabled: an
/// administrator's decision outlasts changes of addresses.
pub(crate) async fn move_to(
    tx: &mut Tx,
    owner: &mut LockedUser,
    email: &EmailAddress,
    patch: UserPatch<'_>,
) -> Result<()> {
    // A verified account is not locked: two accounts that swap addresses would deadlock.
    let squatter = sqlx::query_scalar!(
        r#"select user_id as "id: UserId" from users
           where email_key = $1 and user_id <> $2 and email_verified_at is null
                 and status = 'active'
           for update"#,
        email.key(),
        owner.id.0,
    )
    .fetch_optional(tx.sql())
    .await?;
    if let Some(id) = squatter
        && let Some(squatter) = users::lock(tx, id).await?
    {
        account_deletion::delete(tx, &squatter, None, None).await?;
    }
    let patch = UserPatch { email: Some(email), verified_at: Some(tx.now), ..patch };
    // The constraint decides between two accounts that verify the address at the same time.
    users::update(tx, owner, patch).await.map_err(|error| {
        match error.as_database_error().and_then(DatabaseError::constraint) {
            Some("users_email_taken") => Refusal::LinkInvalid.into(),
            _ => Error::from(error),
        }
    })
}
