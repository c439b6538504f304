//! The language of the account that a link belongs to.

use super::prelude::*;
use crate::domain::Purpose;

/// Returns the language (BCP 47) of the account that a link belongs to, also if the link was used. `None`
/// for a forged token, and for an invitation, whose account does not exist yet.
pub struct GetLinkLanguage {
    /// What the link does.
    pub purpose: Purpose,
    /// The token after the `#` of the link.
    pub token: String,
}

impl Query for GetLinkLanguage {
    type View = Option<String>;
    const NAME: &'static str = "get_link_language";

    async fn handle(self, app: &App) -> Result<Option<String>> {
        let Some(link) = app.links.open(self.purpose, &self.token) else { return Ok(None) };
        let found = sqlx::query_scalar!(
            "select locale from links join users using (user_id)
             where link_id = $1 and purpose = $2",
            link.0,
            self.purpose.as_str(),
        );
        Ok(found.fetch_optional(&app.read).await?)
    }
}
