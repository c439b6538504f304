//! Whether somebody may administer.

use crate::{App, Query, Result, administrator::Administrator};

/// Whether somebody may administer, asked before anything else of a request is looked at. Commands
/// and queries decide it again, in their own transaction.
///
/// Refused with [`SessionEnded`](crate::Refusal::SessionEnded) or
/// [`Forbidden`](crate::Refusal::Forbidden).
#[derive(Debug)]
pub struct CheckAdministrator(pub Administrator);

impl Query for CheckAdministrator {
    type View = ();
    const NAME: &'static str = "check_administrator";

    async fn handle(self, app: &App) -> Result<()> {
        self.0.check(&mut *app.read.acquire().await?).await
    }
}
