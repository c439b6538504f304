//! Lifting the suppression of a mailbox, on the board or on the command line.

use crate::{
    commands::prelude::*,
    domain::{EmailAddress, MailId},
};

/// Sends email to an address again, although an email to it bounced or was complained about. Sends
/// nothing by itself. Returns whether the address was suppressed.
pub enum LiftSuppression {
    /// That of an address.
    OfAddress(EmailAddress),
    /// That which a report about this email caused.
    OfMail(MailId),
}

impl Command for LiftSuppression {
    type Output = bool;
    const NAME: &'static str = "lift_suppression";

    async fn handle(self, app: &App, origin: &Origin) -> Result<bool> {
        let mut tx = app.begin(origin).await?;
        let is_lifted = match self {
            Self::OfAddress(address) => {
                suppressions::lift(&mut tx, app.mails.mailbox(address.as_str())).await?
            }
            Self::OfMail(mail_id) => suppressions::lift_of_mail(&mut tx, mail_id).await?,
        };
        tx.commit().await?;
        Ok(is_lifted)
    }
}
