//! Going back to the default picture.

use crate::{
    App, Command, Result,
    administrator::Administrator,
    domain::UserId,
    events::Event,
    origin::Origin,
    store::{administrators, avatars},
};

/// Gives an account its default picture back, and ends an upload that is still being worked on. An
/// account that has the default already is left alone, and nothing is announced.
///
/// Refused as [`Administrator`] says, or with [`UserNotFound`](crate::Refusal::UserNotFound).
#[derive(Debug)]
pub struct RemoveAvatar {
    /// Who asks.
    pub by: Administrator,
    /// Whose picture it is.
    pub user_id: UserId,
}

impl Command for RemoveAvatar {
    type Output = ();
    const NAME: &'static str = "remove_avatar";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let mut tx = app.begin(origin).await?;
        let user = administrators::lock_target(&mut tx, self.by, self.user_id).await?;
        avatars::supersede(&mut tx, user.id).await?;
        let version = sqlx::query_scalar!(
            "update users set avatar_upload_id = null, version = version + 1
             where user_id = $1 and avatar_upload_id is not null returning version",
            user.id.0,
        )
        .fetch_optional(tx.sql())
        .await?;
        if let Some(version) = version {
            let actor_id = self.by.user_id();
            tx.emit(Event::AvatarRemoved { user_id: user.id, version, actor_id });
        }
        tx.commit().await
    }
}
