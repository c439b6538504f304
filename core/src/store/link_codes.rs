//! Table `links`: the short codes of links, and their tries.

use super::{prelude::*, users};
use crate::domain::{EmailAddress, LinkCode, LinkId, Purpose, UserId};

/// First key of the advisory locks on tries; the second is the hash of the address.
const TRY_LOCK: i32 = 20_261_128;
/// The links of one address that a try is compared with: the newest open ones.
const MAX_LINKS: i64 = 32;

/// Returns the open link of an address that has a code. The address is the one that the email went to:
/// the new one for a link that confirms a change, the old one for a link that undoes it.
///
/// A try is counted for each link that it is compared with, and the count is committed before the
/// comparison: of any number of concurrent tries, at most [`LinkCode::MAX_TRIES`] wrong ones are
/// compared with a code, from all networks together. The right code is not counted.
///
/// The work is the same whether or not the address has open links (OWASP ASVS 5.0, 6.3.8).
///
/// # Errors
///
/// [`Refusal::LinkInvalid`] if no open link has the code, or its tries are used up: one answer for all;
/// [`Refusal::Throttled`] after too many wrong codes from this network.
pub(super) async fn open(
    app: &App,
    origin: &Origin,
    purpose: Purpose,
    email: &EmailAddress,
    code: &LinkCode,
) -> Result<LinkId> {
    let guesses = app.code_guesses(email, origin);
    app.limiter.pass(&guesses).await?;
    let tried = count_try(app, origin, purpose, email).await?;
    // Compares all, so that the time does not tell which one matches.
    let matches = |id: LinkId| app.links.code(purpose, id) == *code;
    let found = tried.iter().fold(None, |found, id| matches(*id).then_some(*id).or(found));
    let found = found.ok_or(Refusal::LinkInvalid)?;
    refund_try(app, origin, found).await?;
    app.limiter.refund(&guesses).await;
    Ok(found)
}

/// Counts a try, and returns the links that it is compared with.
async fn count_try(
    app: &App,
    origin: &Origin,
    purpose: Purpose,
    email: &EmailAddress,
) -> Result<Vec<LinkId>> {
    let mut tx = app.begin(origin).await?;
    // Tries for one address wait for each other, whether or not it has links. The message makes the
    // commit wait for the disk even if no row changes. It has no content and no reader.
    sqlx::query!(
        r#"select pg_advisory_xact_lock($1, hashtext($2)),
                  pg_logical_emit_message(true, 'keyward', '')::text as "position""#,
        TRY_LOCK,
        email.key(),
    )
    .fetch_one(tx.sql())
    .await?;
    let open = open_links(&mut tx, purpose, email).await?;
    // The owners before the links, as in every command that issues or revokes links.
    let owners: Vec<UserId> = open.iter().filter_map(|(_, owner)| *owner).collect();
    users::lock_all(&mut tx, &owners).await?;
    let open: Vec<_> = open.iter().map(|(id, _)| id.0).collect();
    let tried = sqlx::query_scalar!(
        r#"update links set code_tries = code_tries + 1
           where link_id = any($1) and code_tries < $2
                 and used_at is null and revoked_at is null and expires_at > $3
           returning link_id as "id: LinkId""#,
        &open,
        LinkCode::MAX_TRIES,
        tx.now,
    )
    .fetch_all(tx.sql())
    .await?;
    tx.commit().await?;
    Ok(tried)
}

/// The newest open links that were emailed to an address and have tries left, with their owners. A
/// link whose email was never planned has no code: no one can know it, but many could be guessed.
async fn open_links(
    tx: &mut Tx,
    purpose: Purpose,
    email: &EmailAddress,
) -> Result<Vec<(LinkId, Option<UserId>)>> {
    let rows = sqlx::query!(
        r#"select link_id as "id: LinkId", user_id as "owner: UserId" from links
           where link_id in (
                   select link_id from users join links using (user_id)
                   where email_key = $1 and $2 in ('verify_email', 'reset_password')
                   union all
                   select link_id from email_changes join links using (change_id)
                   where new_email_key = $1 and $2 = 'confirm_email_change'
                   union all
                   select link_id from email_changes join links using (change_id)
                   where old_email_key = $1 and $2 = 'undo_email_change'
                   union all
                   select link_id from invitations
                   where email_key = $1 and $2 = 'accept_invitation')
                 and purpose = $2 and code_tries < $3
                 and used_at is null and revoked_at is null and expires_at > $4
                 and exists (select from mails
                             where mails.link_id = links.link_id and state <> 'suppressed')
           order by link_id desc limit $5"#,
        email.key(),
        purpose.as_str(),
        LinkCode::MAX_TRIES,
        tx.now,
        MAX_LINKS,
    )
    .fetch_all(tx.sql())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.owner)).collect())
}

/// Undoes the count of a try with the right code.
async fn refund_try(app: &App, origin: &Origin, link: LinkId) -> Result<()> {
    let mut tx = app.begin(origin).await?;
    sqlx::query!("update links set code_tries = code_tries - 1 where link_id = $1", link.0)
        .execute(tx.sql())
        .await?;
    tx.commit().await
}
