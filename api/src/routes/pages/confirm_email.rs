//! `/confirm-email`: where the link leads that is mailed to a new address.

use keyward_core::{App, Result, commands::ConfirmEmailChange, domain::Purpose, origin::Origin};

use super::{Form, LinkPage, Words};

/// Proves a new address.
pub(crate) struct ConfirmEmailPage;

impl LinkPage for ConfirmEmailPage {
    const PURPOSE: Purpose = Purpose::ConfirmEmailChange;
    const WORDS: Words = Words {
        title: "Confirm your new email address",
        lead: "Press the button to use this address for your account. The devices you did not ask \
               from have to sign in again.",
        button: "Confirm email address",
        done: "Your new email address is confirmed",
        done_lead: "From now on you sign in with it. You can close this page.",
        dead_lead: "It has been used already, it is too old, or you asked for another one since. \
                    If you have confirmed the address before, there is nothing left to do. \
                    Otherwise sign in and change your address once more: we then send a new link.",
        another: None,
    };

    async fn use_link(app: &App, origin: &Origin, form: &Form) -> Result<()> {
        app.execute(ConfirmEmailChange { token: form.token.clone() }, origin).await
    }
}
