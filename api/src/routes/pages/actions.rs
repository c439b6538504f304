//! What the forms of each page do.

use keyward_core::{
    Refusal,
    commands::{
        AcceptInvitation, ConfirmEmail, ConfirmEmailChange, RequestEmailVerification,
        RequestPasswordReset, ResetPassword, UndoEmailChange,
    },
    domain::{DisplayName, EmailAddress, Password, Purpose},
    error::Flaws,
};

use super::form::Form;
use crate::http::{context::Context, problem::Problem};

/// Uses the link.
///
/// # Errors
///
/// The refusal of the command. Flaws point at the fields of the form.
pub(super) async fn use_link(
    purpose: Purpose,
    context: &Context<'_>,
    form: &Form,
) -> Result<(), Problem> {
    let token = form.token.clone();
    match purpose {
        Purpose::VerifyEmail => {
            let password = Some(form.password.as_str()).filter(|password| !password.is_empty());
            let password = password.map(Password::parse).transpose();
            let password = password.map_err(|flaw| Refusal::invalid("/password", flaw))?;
            context.execute(ConfirmEmail { token, password }).await
        }
        Purpose::ConfirmEmailChange => context.execute(ConfirmEmailChange { token }).await,
        Purpose::UndoEmailChange => context.execute(UndoEmailChange { token }).await,
        Purpose::ResetPassword => {
            let password = Password::parse(&form.password);
            let password = password.map_err(|flaw| Refusal::invalid("/password", flaw))?;
            context.execute(ResetPassword { token, password }).await
        }
        Purpose::AcceptInvitation => {
            let mut flaws = Flaws::default();
            let name = flaws.check("/display_name", DisplayName::parse(&form.display_name));
            let password = flaws.check("/password", Password::parse(&form.password));
            let (display_name, password) = flaws.all(name.zip(password))?;
            let command = AcceptInvitation { token, display_name, password, locale: None };
            context.execute(command).await.map(drop)
        }
    }
}

/// Requests a new link.
///
/// # Errors
///
/// The refusal of the command, or [`Refusal::LinkInvalid`] if the page offers no new link.
pub(super) async fn request_link(
    purpose: Purpose,
    context: &Context<'_>,
    form: &Form,
) -> Result<(), Problem> {
    let email = EmailAddress::parse(&form.email);
    let email = email.map_err(|flaw| Refusal::invalid("/email", flaw))?;
    match purpose {
        Purpose::VerifyEmail => context.execute(RequestEmailVerification { email }).await,
        Purpose::ResetPassword => context.execute(RequestPasswordReset { email }).await,
        _ => Err(Refusal::LinkInvalid.into()),
    }
}
