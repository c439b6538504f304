//! Deleting an account, by an administrator.

use super::prelude::*;
use crate::domain::{UserId, VersionMatch};

/// Deletes an account with everything that belongs to it. Its tokens are refused from the next
/// request on, and its address is free again. The owner gets a notice if the address is verified.
///
/// Refused with [`UserNotFound`](crate::Refusal::UserNotFound),
/// [`VersionMismatch`](crate::Refusal::VersionMismatch) and
/// [`LastAdmin`](crate::Refusal::LastAdmin).
pub struct DeleteUser {
    /// The administrator.
    pub by: Administrator,
    /// The account.
    pub user_id: UserId,
    /// The versions it may start from.
    pub if_match: VersionMatch,
}

impl Command for DeleteUser {
    type Output = ();
    const NAME: &'static str = "delete_user";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let (mut tx, user) = administrators::begin_on(app, origin, self.by, self.user_id).await?;
        self.if_match.check(user.version)?;
        let notice_to = user.is_verified.then_some(user.email.as_str());
        account_deletion::delete(&mut tx, &user, self.by.id(), notice_to).await?;
        administrators::require_one(&mut tx, user.role).await?;
        tx.commit().await
    }
}
