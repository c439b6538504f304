//! `/undo-email`: where the link leads that is mailed to an address about to be left.

use keyward_core::{App, Result, commands::UndoEmailChange, domain::Purpose, origin::Origin};

use super::{Form, LinkPage, Words};

/// Takes a change of address back.
pub(crate) struct UndoEmailPage;

impl LinkPage for UndoEmailPage {
    const PURPOSE: Purpose = Purpose::UndoEmailChange;
    const WORDS: Words = Words {
        title: "Keep your email address",
        lead: "Press the button if it was not you who asked for another address. Your account \
               stays with this address or comes back to it, everybody is signed out, and the \
               password is worthless from then on.",
        button: "It was not me",
        done: "Your account is yours again",
        done_lead: "Everybody is signed out. We have sent you a mail with a link: choose a new \
                    password with it, one that you use nowhere else.",
        dead_lead: "It has been used already, it is too old, or the account was deleted. If you \
                    have used it before, look for the mail with a link to choose a new password. \
                    If somebody took your account and this was the only way back, tell the people \
                    who run this service.",
        another: None,
    };

    async fn use_link(app: &App, origin: &Origin, form: &Form) -> Result<()> {
        app.execute(UndoEmailChange { token: form.token.clone() }, origin).await
    }
}
