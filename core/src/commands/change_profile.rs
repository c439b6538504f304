//! Renaming oneself.

use crate::{
    App, Command, Result,
    app::Actor,
    domain::{DisplayName, VersionMatch},
    events::Event,
    origin::Origin,
    store::sessions,
};

/// Changes what an account shows of itself.
///
/// Refused with [`VersionMismatch`](crate::Refusal::VersionMismatch).
#[derive(Debug)]
pub struct ChangeProfile {
    /// Who asks.
    pub actor: Actor,
    /// The new name.
    pub display_name: DisplayName,
    /// The version it starts from.
    pub if_match: VersionMatch,
}

impl Command for ChangeProfile {
    type Output = ();
    const NAME: &'static str = "change_profile";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let mut tx = app.begin(origin).await?;
        let user = sessions::authorize(&mut tx, self.actor).await?;
        self.if_match.check(user.version)?;
        let version = sqlx::query_scalar!(
            "update users set display_name = $2, version = version + 1
             where user_id = $1 returning version",
            user.id.0,
            self.display_name.as_str(),
        )
        .fetch_one(tx.sql())
        .await?;
        tx.emit(Event::ProfileChanged { user_id: user.id, version });
        tx.commit().await
    }
}
