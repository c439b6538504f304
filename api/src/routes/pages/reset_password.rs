//! `/reset-password`: where the link of a password-reset mail leads.

use keyward_core::{
    App, Result,
    commands::{RequestPasswordReset, ResetPassword},
    domain::{EmailAddress, Purpose},
    error::Flaws,
    origin::Origin,
};

use super::{Another, Fields, Form, LinkPage, Words};

/// Sets a new password.
pub(crate) struct ResetPasswordPage;

impl LinkPage for ResetPasswordPage {
    const PURPOSE: Purpose = Purpose::ResetPassword;
    const WORDS: Words = Words {
        title: "Reset your password",
        lead: "Choose a new password. Setting it signs you out on every device.",
        button: "Set new password",
        done: "Your password is set",
        done_lead: "You are signed out on every device. You can sign in with the new password now.",
        dead_lead: "It has been used already, or it is too old. We can send you a new one.",
        another: Some(Another {
            title: "Ask for a link",
            lead: "We send a link for choosing a new password to your email address.",
            button: "Send me a link",
            sent: "If that address has an account, a mail with a link for choosing a new password \
                   is on its way.",
        }),
    };
    const FIELDS: Fields = Fields { name: false, password: true };

    async fn use_link(app: &App, origin: &Origin, form: &Form) -> Result<()> {
        let mut flaws = Flaws::default();
        let password = flaws.check("/password", form.password());
        let password = flaws.all(password)?;
        app.execute(ResetPassword { token: form.token.clone(), password }, origin).await
    }

    async fn send_link(app: &App, origin: &Origin, email: EmailAddress) -> Result<()> {
        app.execute(RequestPasswordReset { email }, origin).await
    }
}
