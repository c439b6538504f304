//! What the forms of each page do.

use keyward_core::{
    Refusal,
    commands::{
        AcceptInvitation, ConfirmEmail, ConfirmEmailChange, RequestEmailVerification,
        RequestPasswordReset, ResetPassword, UndoEmailChange,
    },
    domain::{DisplayName, EmailAddress, Password, Purpose},
    error::{FieldFlaw, Flaw, Flaws},
    languages::Locale,
};

use super::form::Form;
use crate::http::{context::Context, problem::Problem};

/// Uses the link. A new account gets the language of the page.
///
/// # Errors
///
/// The refusal of the command. Flaws point at the fields of the form; that of a wrong code, too.
pub(super) async fn use_link(
    purpose: Purpose,
    context: &Context<'_>,
    form: &Form,
    locale: Locale,
) -> Result<(), Problem> {
    let mut flaws = Flaws::default();
    let proof = form.proof(&mut flaws);
    let result = match purpose {
        Purpose::VerifyEmail => {
            let password = Some(form.password.as_str()).filter(|password| !password.is_empty());
            let password = password.map(Password::parse).transpose();
            let password = flaws.check("/password", password);
            let (proof, password) = flaws.all(proof.zip(password))?;
            context.execute(ConfirmEmail { proof, password }).await
        }
        Purpose::ConfirmEmailChange => {
            let proof = flaws.all(proof)?;
            context.execute(ConfirmEmailChange { proof }).await
        }
        Purpose::UndoEmailChange => {
            let proof = flaws.all(proof)?;
            context.execute(UndoEmailChange { proof }).await
        }
        Purpose::ResetPassword => {
            let password = flaws.check("/password", Password::parse(&form.password));
            let (proof, password) = flaws.all(proof.zip(password))?;
            context.execute(ResetPassword { proof, password }).await
        }
        Purpose::AcceptInvitation => {
            let name = flaws.check("/display_name", DisplayName::parse(&form.display_name));
            let password = flaws.check("/password", Password::parse(&form.password));
            let ((proof, display_name), password) = flaws.all(proof.zip(name).zip(password))?;
            let command = AcceptInvitation { proof, display_name, password, locale };
            context.execute(command).await.map(drop)
        }
    };
    result.map_err(|problem| match problem.code {
        "link_invalid" if form.token.is_empty() => {
            let pointer = "/code".to_owned();
            // Only the code matters: the page says it in its own words.
            let flaw = Flaw::new("wrong_code", problem.detail.clone());
            Problem { errors: Some(vec![FieldFlaw { pointer, flaw }]), ..problem }
        }
        _ => problem,
    })
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
