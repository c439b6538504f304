//! `POST /v1/email-changes/confirm`, `POST /v1/email-changes/undo`.

use keyward_core::domain::LinkProof;

use super::link_proof::EmailedLink;
use crate::routes::prelude::*;

pub(crate) struct EmailChangeCommands;

fn proof(body: Body<EmailedLink>) -> Result<LinkProof, Problem> {
    let (link, mut flaws) = body.parts();
    let proof = link.proof(&mut flaws);
    Ok(flaws.all(proof)?)
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::EmailChanges")]
impl EmailChangeCommands {
    /// Confirm a new email address
    ///
    /// Replaces the address of the account. Ends every session except the one that requested the
    /// change. Takes the token that was emailed to the new address, or that address and the code. Fails
    /// with `link_invalid` if the token or code is unknown, used or expired, or after five wrong codes.
    #[oai(path = "/email-changes/confirm", method = "post", operation_id = "confirm_email_change")]
    async fn confirm_email_change(
        &self,
        context: Context<'_>,
        body: Body<EmailedLink>,
    ) -> Result<NoContent, Problem> {
        let proof = proof(body)?;
        context.answer(commands::ConfirmEmailChange { proof }).await
    }

    /// Undo a change of the email address
    ///
    /// Restores the address that the account had when the change was requested. Ends every session
    /// and invalidates the password; a link to set a new one is emailed to the restored address.
    /// Takes the token that was emailed to the old address, or that address and the code. Fails with
    /// `link_invalid` if the token or code is unknown, used or expired, or after five wrong codes.
    #[oai(path = "/email-changes/undo", method = "post", operation_id = "undo_email_change")]
    async fn undo_email_change(
        &self,
        context: Context<'_>,
        body: Body<EmailedLink>,
    ) -> Result<NoContent, Problem> {
        let proof = proof(body)?;
        context.answer(commands::UndoEmailChange { proof }).await
    }
}
