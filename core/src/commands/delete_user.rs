//! Deleting somebody's account.

use crate::{
    App, Command, Result,
    administrator::Administrator,
    domain::{Role, UserId, VersionMatch},
    origin::Origin,
    store::{administrators, users},
};

/// Deletes an account with everything that belongs to it. Its tokens are refused from the next
/// request on, its address is free again. A last mail tells the owner, if the address is proven.
///
/// Refused with [`UserNotFound`](crate::Refusal::UserNotFound),
/// [`VersionMismatch`](crate::Refusal::VersionMismatch) and
/// [`LastAdmin`](crate::Refusal::LastAdmin).
#[derive(Debug)]
pub struct DeleteUser {
    /// Who asks.
    pub by: Administrator,
    /// Whose account.
    pub user_id: UserId,
    /// The version it starts from.
    pub if_match: VersionMatch,
}

impl Command for DeleteUser {
    type Output = ();
    const NAME: &'static str = "delete_user";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let mut tx = app.begin(origin).await?;
        let user = administrators::lock_target(&mut tx, self.by, self.user_id).await?;
        self.if_match.check(user.version)?;
        let goodbye = user.is_verified.then_some(user.email.as_str());
        users::delete(&mut tx, &user, self.by.user_id(), goodbye).await?;
        if user.role == Role::Admin {
            administrators::keep_one(&mut tx).await?;
        }
        tx.commit().await
    }
}
