//! Table `links`. A link works once and until it expires (OWASP ASVS 5.0, 6.5.1 and 6.5.5, as far as
//! they apply to emailed links).

use std::time::Duration;

use super::{LockedUser, link_codes, prelude::*, users};
use crate::domain::{EmailChangeId, LinkId, LinkProof, LinkToken, Purpose, UserId};

/// Which open links of an account are revoked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Revoked {
    /// All.
    All,
    /// Those of one purpose.
    Of(Purpose),
    /// All but those that undo an email change: the person who changed the password or the address may
    /// not be the owner.
    AllButUndo,
    /// All but those that undo an email change before the one at this position. Links of later
    /// changes went to addresses that are no longer the owner's; the holder of a later address must
    /// not revoke links of earlier changes.
    AllButUndoBefore(i64),
}

fn lifetime(app: &App, purpose: Purpose) -> Duration {
    let life = &app.settings.life;
    match purpose {
        Purpose::VerifyEmail => life.verify_link,
        Purpose::ResetPassword => life.reset_link,
        Purpose::ConfirmEmailChange => life.email_change_link,
        Purpose::UndoEmailChange => life.email_undo_link,
        Purpose::AcceptInvitation => life.invitation_link,
    }
}

/// Issues a link and revokes older ones of the same purpose. A link that undoes an email change
/// revokes none: a stolen session could otherwise revoke it by requesting another change.
///
/// Without an owner the row is a dummy, so that an unknown address costs the same work.
pub(crate) async fn issue(
    tx: &mut Tx,
    purpose: Purpose,
    owner: Option<UserId>,
    change: Option<EmailChangeId>,
) -> Result<LinkId> {
    if purpose != Purpose::UndoEmailChange {
        revoke(tx, owner, Revoked::Of(purpose)).await?;
    }
    add(tx, purpose, owner, change).await
}

/// Issues a link, as [`issue`] does, and keeps older ones alive.
pub(crate) async fn add(
    tx: &mut Tx,
    purpose: Purpose,
    owner: Option<UserId>,
    change: Option<EmailChangeId>,
) -> Result<LinkId> {
    let id = LinkId::new();
    let expires_at = tx.now + lifetime(tx.app(), purpose);
    sqlx::query!(
        "insert into links (link_id, purpose, user_id, change_id, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
        id.0,
        purpose.as_str(),
        owner.map(|owner| owner.0),
        change.map(|change| change.0),
        tx.now,
        expires_at,
    )
    .execute(tx.sql())
    .await?;
    Ok(id)
}

/// Revokes open links of an account.
pub(crate) async fn revoke(tx: &mut Tx, owner: Option<UserId>, which: Revoked) -> Result<()> {
    let (purpose, keep_undo_before) = match which {
        Revoked::All => (None, 0),
        Revoked::Of(purpose) => (Some(purpose.as_str()), 0),
        Revoked::AllButUndo => (None, i64::MAX),
        Revoked::AllButUndoBefore(position) => (None, position),
    };
    sqlx::query!(
        "update links set revoked_at = $2
         where user_id = $1 and used_at is null and revoked_at is null
               and ($3::text is null or purpose = $3)
               and not (purpose = 'undo_email_change'
                        and exists (select from email_changes
                                    where email_changes.change_id = links.change_id
                                          and position < $4))",
        owner.map(|owner| owner.0),
        tx.now,
        purpose,
        keep_undo_before,
    )
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Revokes a link, if it is open.
pub(crate) async fn revoke_one(tx: &mut Tx, id: LinkId) -> Result<()> {
    sqlx::query!(
        "update links set revoked_at = $2
         where link_id = $1 and used_at is null and revoked_at is null",
        id.0,
        tx.now,
    )
    .execute(tx.sql())
    .await?;
    Ok(())
}

/// Restarts the lifetime of the link that undoes a change. Returns the link, if it is open.
pub(crate) async fn renew_undo(tx: &mut Tx, change: EmailChangeId) -> Result<Option<LinkId>> {
    let expires_at = tx.now + lifetime(tx.app(), Purpose::UndoEmailChange);
    Ok(sqlx::query_scalar!(
        r#"update links set expires_at = $2, renewed_at = $3
           where change_id = $1 and purpose = 'undo_email_change'
                 and used_at is null and revoked_at is null
           returning link_id as "id: LinkId""#,
        change.0,
        expires_at,
        tx.now,
    )
    .fetch_optional(tx.sql())
    .await?)
}

/// Returns the link that a token or a code belongs to. Only the caller who passes the result to
/// [`redeem`] learns whether the link is usable.
///
/// # Errors
///
/// [`Refusal::LinkInvalid`] if there is none, [`Refusal::LinkIncomplete`] if the token cannot be one;
/// [`Refusal::Throttled`] after too many wrong codes.
pub(crate) async fn open(
    app: &App,
    origin: &Origin,
    purpose: Purpose,
    proof: &LinkProof,
) -> Result<LinkId> {
    match proof {
        LinkProof::Token(token) if !LinkToken::is_complete(token) => {
            Err(Refusal::LinkIncomplete.into())
        }
        LinkProof::Token(token) => {
            Ok(app.links.open(purpose, token).ok_or(Refusal::LinkInvalid)?)
        }
        LinkProof::Code { email, code } => {
            link_codes::open(app, origin, purpose, email, code).await
        }
    }
}

/// Returns the owner of a usable link. Two callers may both see it usable; [`redeem`] decides
/// between them. No lock is held afterwards.
///
/// # Errors
///
/// As [`redeem`].
pub(crate) async fn owner(
    app: &App,
    origin: &Origin,
    purpose: Purpose,
    id: LinkId,
) -> Result<LockedUser> {
    lock_owner(&mut app.begin(origin).await?, purpose, id).await
}

/// Begins a unit of work in which a link is used and its owner locked. Of any number of concurrent
/// callers with one link, one succeeds.
///
/// # Errors
///
/// [`Refusal::LinkInvalid`] if the link is unknown, used, revoked or expired, or its owner is
/// disabled.
pub(crate) async fn redeem(
    app: &App,
    origin: &Origin,
    purpose: Purpose,
    id: LinkId,
) -> Result<(Tx, LockedUser)> {
    let mut tx = app.begin(origin).await?;
    // The owner before the link, as in every command that issues or revokes links.
    let owner = lock_owner(&mut tx, purpose, id).await?;
    consume(&mut tx, purpose, id).await?;
    Ok((tx, owner))
}

async fn lock_owner(tx: &mut Tx, purpose: Purpose, id: LinkId) -> Result<LockedUser> {
    let owner = sqlx::query_scalar!(
        r#"select user_id as "user_id!: UserId" from links
           where link_id = $1 and purpose = $2 and user_id is not null
                 and used_at is null and revoked_at is null and expires_at > $3"#,
        id.0,
        purpose.as_str(),
        tx.now,
    )
    .fetch_optional(tx.sql())
    .await?
    .ok_or(Refusal::LinkInvalid)?;
    let owner = users::lock(tx, owner).await?;
    Ok(owner.filter(|owner| owner.is_active).ok_or(Refusal::LinkInvalid)?)
}

/// Marks a link as used: of any number of callers, one succeeds.
///
/// # Errors
///
/// [`Refusal::LinkInvalid`] if it is unknown, used, revoked or expired.
pub(crate) async fn consume(tx: &mut Tx, purpose: Purpose, id: LinkId) -> Result<()> {
    let done = sqlx::query!(
        "update links set used_at = $3
         where link_id = $1 and purpose = $2
               and used_at is null and revoked_at is null and expires_at > $3",
        id.0,
        purpose.as_str(),
        tx.now,
    )
    .execute(tx.sql())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Refusal::LinkInvalid.into()) }
}
