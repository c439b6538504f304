//! Changing one's own profile.

use super::prelude::*;
use crate::domain::{DisplayName, VersionMatch};

/// Changes the display name of an account.
///
/// Refused with [`VersionMismatch`](crate::Refusal::VersionMismatch).
pub struct ChangeProfile {
    /// The caller.
    pub actor: Actor,
    /// The new name.
    pub display_name: DisplayName,
    /// The versions it may start from.
    pub if_match: VersionMatch,
}

impl Command for ChangeProfile {
    type Output = ();
    const NAME: &'static str = "change_profile";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let (mut tx, mut user) = sessions::begin(app, origin, self.actor).await?;
        self.if_match.check(user.version)?;
        let display_name = Some(self.display_name.as_str());
        let patch = UserPatch { display_name, ..UserPatch::default() };
        users::update(&mut tx, &mut user, patch).await?;
        tx.emit(Event::ProfileChanged { user_id: user.id, version: user.version });
        tx.commit().await
    }
}
