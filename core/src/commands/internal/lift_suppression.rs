//! Lifting the suppression of a mailbox, on the command line.

use crate::{commands::prelude::*, domain::EmailAddress};

/// Sends email to an address again, although an email to it bounced or was complained about. Sends
/// nothing by itself. Returns whether the address was suppressed.
pub struct LiftSuppression(pub EmailAddress);

impl Command for LiftSuppression {
    type Output = bool;
    const NAME: &'static str = "lift_suppression";

    async fn handle(self, app: &App, origin: &Origin) -> Result<bool> {
        let mut tx = app.begin(origin).await?;
        let is_lifted = suppressions::lift(&mut tx, app.mails.mailbox(self.0.as_str())).await?;
        tx.commit().await?;
        Ok(is_lifted)
    }
}
