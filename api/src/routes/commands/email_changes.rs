//! `POST /v1/email-changes/confirm`, `POST /v1/email-changes/undo`.

use keyward_core::{
    App,
    commands::{ConfirmEmailChange, UndoEmailChange},
    origin::Origin,
};
use poem::web::Data;
use poem_openapi::OpenApi;

use super::{Done, email_verifications::TokenBody};
use crate::http::{body::Body, problem::Failure, tags::Tag};

pub(crate) struct EmailChangeCommands;

#[OpenApi(prefix_path = "/v1", tag = "Tag::EmailChanges")]
impl EmailChangeCommands {
    /// Confirm a new address
    ///
    /// Changes the address of the account. Ends every session but the one that asked.
    #[oai(path = "/email-changes/confirm", method = "post", operation_id = "confirm_email_change")]
    async fn confirm_email_change(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        body: Body<TokenBody>,
    ) -> Result<Done, Failure> {
        app.execute(ConfirmEmailChange { token: body.whole()?.token }, &origin).await?;
        Ok(Done::NoContent)
    }

    /// Stop a change of address, or take it back
    ///
    /// Restores the address that the account had when the change was asked for. Ends every session;
    /// the password is good for nothing until a new one is set through a link that is mailed to the
    /// restored address.
    #[oai(path = "/email-changes/undo", method = "post", operation_id = "undo_email_change")]
    async fn undo_email_change(
        &self,
        app: Data<&App>,
        origin: Data<&Origin>,
        body: Body<TokenBody>,
    ) -> Result<Done, Failure> {
        app.execute(UndoEmailChange { token: body.whole()?.token }, &origin).await?;
        Ok(Done::NoContent)
    }
}
