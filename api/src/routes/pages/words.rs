//! What each page says.

use keyward_core::domain::Purpose;

/// The texts of a page.
pub(super) struct Words {
    /// The headline: what the link is for.
    pub(super) title: &'static str,
    /// What the button does.
    pub(super) lead: &'static str,
    /// The button.
    pub(super) button: &'static str,
    /// The headline after success.
    pub(super) done: &'static str,
    /// What has changed, and what to do next.
    pub(super) done_lead: &'static str,
    /// What to do if the link no longer works.
    pub(super) dead_lead: &'static str,
    /// The form that requests a new link, if there is one.
    pub(super) another: Option<Another>,
}

/// The texts of the form that requests a new link.
pub(super) struct Another {
    /// The headline.
    pub(super) title: &'static str,
    /// What the button does.
    pub(super) lead: &'static str,
    /// The button.
    pub(super) button: &'static str,
    /// What happens next. The same whether or not the address has an account.
    pub(super) sent: &'static str,
}

impl Words {
    /// The words of the page that a link opens.
    pub(super) const fn of(purpose: Purpose) -> &'static Self {
        match purpose {
            Purpose::VerifyEmail => &VERIFY_EMAIL,
            Purpose::ResetPassword => &RESET_PASSWORD,
            Purpose::ConfirmEmailChange => &CONFIRM_EMAIL,
            Purpose::UndoEmailChange => &UNDO_EMAIL,
            Purpose::AcceptInvitation => &ACCEPT_INVITATION,
        }
    }
}

const VERIFY_EMAIL: Words = Words {
    title: "Confirm your email address",
    lead: "Confirm that this address is yours. This is the last step to set up your account.",
    button: "Confirm email address",
    done: "Your email address is confirmed",
    done_lead: "Your account is ready. You can close this page and sign in.",
    dead_lead: "The link has been used or has expired. If you have already confirmed your address, \
                you can sign in. Otherwise, we can send you a new link.",
    another: Some(Another {
        title: "Get a new link",
        lead: "We can send a new link to the address that you want to confirm.",
        button: "Send a new link",
        sent: "If that address is waiting to be confirmed, we have sent a new link to it.",
    }),
};

const RESET_PASSWORD: Words = Words {
    title: "Reset your password",
    lead: "Choose a new password. You will be signed out on all your devices.",
    button: "Set new password",
    done: "Your new password is set",
    done_lead: "You are signed out on all your devices. You can now sign in with the new password.",
    dead_lead: "The link has been used or has expired. We can send you a new one.",
    another: Some(Another {
        title: "Get a reset link",
        lead: "We can send a link to your email address. Use it to choose a new password.",
        button: "Send a reset link",
        sent: "If that address has an account, we have sent a reset link to it.",
    }),
};

const CONFIRM_EMAIL: Words = Words {
    title: "Confirm your new email address",
    lead: "Confirm that you want to use this address for your account. You will be signed out on \
           all your other devices.",
    button: "Confirm email address",
    done: "Your new email address is confirmed",
    done_lead: "From now on, sign in with your new address. You can close this page.",
    dead_lead: "The link has been used or has expired, or you have asked for a newer one. If you \
                have already confirmed the address, you are done. Otherwise, sign in and change \
                your address again. We will send you a new link.",
    another: None,
};

const UNDO_EMAIL: Words = Words {
    title: "Keep your email address",
    lead: "If you did not ask to change your address, you can undo the change. Your account keeps \
           this address. Everyone is signed out, and the current password stops working.",
    button: "Undo the change",
    done: "Your account is safe",
    done_lead: "Everyone is signed out. We have sent you a link. Use it to choose a new password \
                that you do not use anywhere else.",
    dead_lead: "The link has been used or has expired, or the account was deleted. If you have \
                already used it, check your email for a link to choose a new password. If someone \
                has taken over your account, contact support.",
    another: None,
};

const ACCEPT_INVITATION: Words = Words {
    title: "Set up your account",
    lead: "You are invited to open an account. Enter your name and choose a password.",
    button: "Create account",
    done: "Your account is ready",
    done_lead: "You can close this page and sign in with your email address and your new password.",
    dead_lead: "The invitation has been used, has expired, or was replaced or withdrawn. Check \
                your email for a newer invitation. If you have already set up your account, you \
                can sign in. Otherwise, ask for a new invitation.",
    another: None,
};
