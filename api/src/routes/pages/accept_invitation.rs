//! `/accept-invitation`: where the link of an invitation leads.

use keyward_core::{
    App, Result, commands::AcceptInvitation, domain::Purpose, error::Flaws, origin::Origin,
};

use super::{Fields, Form, LinkPage, Words};

/// Opens the account of whoever was invited.
pub(crate) struct AcceptInvitationPage;

impl LinkPage for AcceptInvitationPage {
    const PURPOSE: Purpose = Purpose::AcceptInvitation;
    const WORDS: Words = Words {
        title: "Set up your account",
        lead: "You are invited to open an account. Tell us your name, and choose a password.",
        button: "Open my account",
        done: "Your account is ready",
        done_lead: "You can close this page and sign in with your email address and your new \
                    password.",
        dead_lead: "It has been used already, it is too old, it was taken back, or there is a \
                    newer one: look for the latest mail. If you have opened your account before, \
                    just sign in. Otherwise ask whoever invited you for a new invitation.",
        another: None,
    };
    const FIELDS: Fields = Fields { name: true, password: true };

    async fn use_link(app: &App, origin: &Origin, form: &Form) -> Result<()> {
        let mut flaws = Flaws::default();
        let name = flaws.check("/display_name", form.display_name());
        let password = flaws.check("/password", form.password());
        let (display_name, password) = flaws.all((name, password))?;
        let command = AcceptInvitation { token: form.token.clone(), display_name, password };
        app.execute(command, origin).await.map(|_| ())
    }
}
