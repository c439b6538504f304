//! `/verify-email`: where the link of a verification mail leads.

use keyward_core::{
    App, Result,
    commands::{ConfirmEmail, RequestEmailVerification},
    domain::{EmailAddress, Purpose},
    origin::Origin,
};

use super::{Another, Form, LinkPage, Words};

/// Proves an address.
pub(crate) struct VerifyEmailPage;

impl LinkPage for VerifyEmailPage {
    const PURPOSE: Purpose = Purpose::VerifyEmail;
    const WORDS: Words = Words {
        title: "Confirm your email address",
        lead: "Press the button to confirm that this address is yours. That finishes setting up \
               your account.",
        button: "Confirm email address",
        done: "Your email address is confirmed",
        done_lead: "Thank you. Your account is ready: you can close this page and sign in.",
        dead_lead: "It has been used already, or it is too old. If you have confirmed your \
                    address before, there is nothing left to do: just sign in. Otherwise we can \
                    send you a new link.",
        another: Some(Another {
            title: "Get a new link",
            lead: "We can send a new link to the address that you want to confirm.",
            button: "Send a new link",
            sent: "If that address is waiting to be confirmed, a new mail is on its way.",
        }),
    };

    async fn use_link(app: &App, origin: &Origin, form: &Form) -> Result<()> {
        app.execute(ConfirmEmail { token: form.token.clone() }, origin).await
    }

    async fn send_link(app: &App, origin: &Origin, email: EmailAddress) -> Result<()> {
        app.execute(RequestEmailVerification { email }, origin).await
    }
}
