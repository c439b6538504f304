//! The deletion of an account.

use super::{LockedUser, blobs, mails, prelude::*, suppressions};
use crate::domain::{ActorId, MailKind, UserId};

/// Deletes an account and emits [`Event::UserDeleted`]. Its sessions, links, planned emails and
/// email changes go with the row. The address is free again, and its next account inherits nothing.
///
/// `actor_id` is who deletes it, `None` for the owner. Notices go to `notice_to` and to
/// every address that could still have undone an email change. These notices belong to no account,
/// so they survive the row; their addresses are erased when the emails are accepted or discarded.
pub(crate) async fn delete(
    tx: &mut Tx,
    user: &LockedUser,
    actor_id: Option<ActorId>,
    notice_to: Option<&str>,
) -> Result<()> {
    let (present, former) = match actor_id {
        Some(_) => (MailKind::AccountDeletedByAdmin, MailKind::AccountDeletedByAdmin),
        None => (MailKind::AccountDeleted, MailKind::FormerAccountDeleted),
    };
    let formers = addresses_with_undo_link(tx, user.id).await?;
    let notices = notice_to.map(|email| (present, email));
    let notices = notices.into_iter().chain(formers.iter().map(|email| (former, email.as_str())));
    let mut mail_ids = Vec::new();
    for (kind, email) in notices {
        // The suppression is deleted with the account, before the email is sent.
        if suppressions::exists(tx, email).await? {
            continue;
        }
        let to = Some(user.recipient_at(email));
        mail_ids.push(mails::plan_at(tx, kind, None, to, None).await?);
    }
    blobs::check(tx, user.id).await?;
    sqlx::query!("delete from users where user_id = $1", user.id.0).execute(tx.sql()).await?;
    tx.emit(Event::UserDeleted { user_id: user.id, version: user.version + 1, actor_id, mail_ids });
    Ok(())
}

/// Returns the former addresses that hold an open link to undo an email change, each mailbox once.
async fn addresses_with_undo_link(tx: &mut Tx, owner: UserId) -> Result<Vec<String>> {
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
        tx.now,
    )
    .fetch_all(tx.sql())
    .await?)
}
