//! Removing an avatar.

use super::prelude::*;
use crate::domain::UserId;

/// Gives an account the default picture again and ends an open upload. Emits no event if the account
/// has the default picture.
///
/// Refused with [`UserNotFound`](crate::Refusal::UserNotFound), and as [`Administrator`] says.
pub struct RemoveAvatar {
    /// The administrator.
    pub by: Administrator,
    /// The account.
    pub user_id: UserId,
}

impl Command for RemoveAvatar {
    type Output = ();
    const NAME: &'static str = "remove_avatar";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let Self { by, user_id } = self;
        let (mut tx, _) = administrators::begin_on(app, origin, by, user_id).await?;
        avatars::supersede(&mut tx, user_id).await?;
        avatars::replace(&mut tx, user_id).await?;
        let version = sqlx::query_scalar!(
            "update users set avatar_upload_id = null, version = version + 1
             where user_id = $1 and avatar_upload_id is not null returning version",
            user_id.0,
        )
        .fetch_optional(tx.sql())
        .await?;
        if let Some(version) = version {
            tx.emit(Event::AvatarRemoved { user_id, version, actor_id: by.id() });
        }
        tx.commit().await
    }
}
