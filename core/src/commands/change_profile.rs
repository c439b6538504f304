//! Changing one's own profile.

use super::prelude::*;
use crate::{
    domain::{DisplayName, VersionMatch},
    error::Flaw,
    languages::Locale,
};

/// Changes the display name and the language of an account, or one of them.
///
/// Refused with [`Invalid`](Refusal::Invalid) if it changes neither, and with
/// [`VersionMismatch`](Refusal::VersionMismatch).
pub struct ChangeProfile {
    /// The caller.
    pub actor: Actor,
    /// The new name; `None` keeps the present one.
    pub display_name: Option<DisplayName>,
    /// The new language; `None` keeps the present one.
    pub locale: Option<Locale>,
    /// The versions it may start from.
    pub if_match: VersionMatch,
}

impl Command for ChangeProfile {
    type Output = ();
    const NAME: &'static str = "change_profile";

    async fn handle(self, app: &App, origin: &Origin) -> Result<()> {
        let display_name = self.display_name.as_ref().map(DisplayName::as_str);
        let locale = self.locale;
        if display_name.is_none() && locale.is_none() {
            return Err(Refusal::invalid("", Flaw::new("required", "no member is given")).into());
        }
        let (mut tx, mut user) = sessions::begin(app, origin, self.actor).await?;
        self.if_match.check(user.version)?;
        let patch = UserPatch { display_name, locale, ..UserPatch::default() };
        users::update(&mut tx, &mut user, patch).await?;
        tx.emit(Event::ProfileChanged { user_id: user.id, version: user.version });
        tx.commit().await
    }
}
