//! The mails we send.

use super::words::words;

words! {
    /// A kind of mail; one template and one job each.
    MailKind {
        /// "Confirm your email address."
        Verification = "verification"
        /// "You already have an account."
        AlreadyRegistered = "already_registered"
        /// "Reset your password."
        PasswordReset = "password_reset"
        /// "Your password was changed."
        PasswordChanged = "password_changed"
    }
}
