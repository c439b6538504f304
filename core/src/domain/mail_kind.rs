//! The kinds of emails.

use super::words::words;

words! {
    /// A kind of email; each has a template.
    MailKind {
        /// "Confirm your email address."
        Verification = "verification"
        /// "You already have an account."
        AlreadyRegistered = "already_registered"
        /// "Reset your password."
        PasswordReset = "password_reset"
        /// "Choose a new password": an administrator requires it.
        PasswordResetForced = "password_reset_forced"
        /// "Your password was changed."
        PasswordChanged = "password_changed"
        /// "Confirm your new email address."
        EmailChangeConfirmation = "email_change_confirmation"
        /// "Your email address is about to change": to the old one.
        EmailChangeNotice = "email_change_notice"
        /// "Your email address was changed": to the old one.
        EmailChanged = "email_changed"
        /// "Your account was deleted."
        AccountDeleted = "account_deleted"
        /// "The account that had this address was deleted": to an address with an open link to undo a
        /// change of address.
        FormerAccountDeleted = "former_account_deleted"
        /// "Your account was deleted": an administrator did it.
        AccountDeletedByAdmin = "account_deleted_by_admin"
        /// "You are invited."
        Invitation = "invitation"
        /// "A session of yours was ended: an old token of it was used."
        ReuseDetected = "reuse_detected"
    }
}

impl MailKind {
    /// Whether the email goes to the current address of its account. The others go to former, future
    /// and invited addresses.
    #[must_use]
    pub const fn goes_to_the_owner(self) -> bool {
        match self {
            Self::Verification
            | Self::AlreadyRegistered
            | Self::PasswordReset
            | Self::PasswordResetForced
            | Self::PasswordChanged
            | Self::ReuseDetected => true,
            Self::EmailChangeConfirmation
            | Self::EmailChangeNotice
            | Self::EmailChanged
            | Self::AccountDeleted
            | Self::FormerAccountDeleted
            | Self::AccountDeletedByAdmin
            | Self::Invitation => false,
        }
    }
}
