//! `POST /v1/email-changes/confirm`, `POST /v1/email-changes/undo`.

use super::TokenBody;
use crate::routes::prelude::*;

pub(crate) struct EmailChangeCommands;

#[OpenApi(prefix_path = "/v1", tag = "Tag::EmailChanges")]
impl EmailChangeCommands {
    /// Confirm a new email address
    ///
    /// Replaces the address of the account. Ends every session except the one that requested the
    /// change. Fails with `link_invalid` if the token is unknown, used or expired.
    #[oai(path = "/email-changes/confirm", method = "post", operation_id = "confirm_email_change")]
    async fn confirm_email_change(
        &self,
        context: Context<'_>,
        body: Body<TokenBody>,
    ) -> Result<NoContent, Problem> {
        let token = body.whole()?.token;
        context.answer(commands::ConfirmEmailChange { token }).await
    }

    /// Undo a change of the email address
    ///
    /// Restores the address that the account had when the change was requested. Ends every session
    /// and invalidates the password; a link to set a new one is emailed to the restored address.
    /// Fails with `link_invalid` if the token is unknown, used or expired.
    #[oai(path = "/email-changes/undo", method = "post", operation_id = "undo_email_change")]
    async fn undo_email_change(
        &self,
        context: Context<'_>,
        body: Body<TokenBody>,
    ) -> Result<NoContent, Problem> {
        let token = body.whole()?.token;
        context.answer(commands::UndoEmailChange { token }).await
    }
}
