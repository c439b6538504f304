//! Whether a caller is an administrator.

use super::prelude::*;

/// Checks that a caller is an administrator before the rest of the request is read. Commands and
/// queries check it again in their own transaction.
///
/// Refused with [`SessionEnded`](crate::Refusal::SessionEnded) or
/// [`Forbidden`](crate::Refusal::Forbidden).
pub struct CheckAdministrator(pub Administrator);

impl Query for CheckAdministrator {
    type View = ();
    const NAME: &'static str = "check_administrator";

    async fn handle(self, app: &App) -> Result<()> {
        self.0.check(&mut *app.read.acquire().await?).await
    }
}
