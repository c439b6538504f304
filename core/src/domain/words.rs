//! Closed sets of words: roles, statuses, purposes, kinds and reasons.

/// Closed sets of words, as they are stored and sent.
macro_rules! words {
    ($(
        $(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal)+ }
    )+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// All values.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the database and on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = anyhow::Error;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(anyhow::anyhow!(concat!("unknown ", stringify!($name), " {:?}"), word)),
                }
            }
        }
    )+};
}

words! {
    /// The role of an account. Commands decide by the row in Postgres, never by a cache or a claim.
    Role {
        /// Manages its own account.
        User = "user"
        /// Manages every account.
        Admin = "admin"
    }

    /// The status of an account.
    Status {
        /// The owner can log in.
        Active = "active"
        /// Disabled by an administrator: no login, and no session is accepted.
        Disabled = "disabled"
    }

    /// What a service token allows.
    Scope {
        /// Read the event log.
        EventsRead = "events:read"
        /// Search and read accounts, with their emails, events and sessions.
        UsersRead = "users:read"
        /// Change accounts: role, status, password resets, sessions, deletion, and invitations.
        UsersWrite = "users:write"
        /// Read and change webhooks.
        WebhooksWrite = "webhooks:write"
        /// Read and follow the revocations.
        RevocationsRead = "revocations:read"
        /// Ask whether an access token is valid.
        TokensIntrospect = "tokens:introspect"
    }

    /// A claim about the account that `TOKEN_CLAIMS` adds to access tokens.
    AccountClaim {
        /// The role when the token was issued.
        Role = "role"
        /// Whether the address was verified.
        EmailVerified = "email_verified"
        /// The language of the account: a tag (BCP 47).
        Locale = "locale"
    }

    /// Why a session ended; its owner can read it.
    EndReason {
        /// Its owner logged out.
        LoggedOut = "logged_out"
        /// A replaced refresh token was used (RFC 9700, section 4.14.2).
        ReuseDetected = "reuse_detected"
        /// Its owner ended it from another session.
        Ended = "ended"
        /// The password was changed from another session.
        PasswordChanged = "password_changed"
        /// The password was reset through an emailed link.
        PasswordReset = "password_reset"
        /// The address was changed from another session.
        EmailChanged = "email_changed"
        /// The owner of the old address undid a change of address.
        EmailChangeUndone = "email_change_undone"
        /// An administrator disabled the account.
        Disabled = "disabled"
        /// An administrator ended it.
        EndedByAdmin = "ended_by_admin"
        /// An administrator forced a password reset.
        PasswordResetForced = "password_reset_forced"
        /// Its idle or absolute lifetime is over.
        Expired = "expired"
        /// The database was restored from a backup that is older than the refresh token.
        Restored = "restored"
    }

    /// The state of a delivery.
    DeliveryState {
        /// An attempt runs or will follow.
        Pending = "pending"
        /// The endpoint answered with a success status (2xx).
        Delivered = "delivered"
        /// No attempt will follow.
        Failed = "failed"
    }

    /// Why a webhook was disabled.
    DisableReason {
        /// An administrator disabled it.
        ByAdmin = "by_admin"
        /// Its endpoint answered 410: it wants no more deliveries.
        Gone = "gone"
        /// Its endpoint has accepted nothing for days.
        Failing = "failing"
    }

    /// Why Keyward disables a webhook by itself.
    EndpointFailure {
        /// Its endpoint answered 410: it wants no more deliveries.
        Gone = "gone"
        /// Its endpoint has accepted nothing for days.
        Failing = "failing"
    }

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

    /// What a link does. A token of one purpose is useless for another.
    Purpose {
        /// Verifies the address of the account.
        VerifyEmail = "verify_email"
        /// Sets a new password.
        ResetPassword = "reset_password"
        /// Verifies the new address of the account.
        ConfirmEmailChange = "confirm_email_change"
        /// Restores the address that the account had before a change.
        UndoEmailChange = "undo_email_change"
        /// Creates the account of an invitation.
        AcceptInvitation = "accept_invitation"
    }
}

impl EndReason {
    /// How long an ended session can be read; then it is deleted.
    pub const READABLE_FOR: chrono::Duration = chrono::Duration::days(30);
}

impl MailKind {
    /// Whether the email goes to the current address of its account. The others go to former, future
    /// and invited addresses.
    #[must_use]
    pub const fn goes_to_the_owner(self) -> bool {
        matches!(
            self,
            Self::Verification
                | Self::AlreadyRegistered
                | Self::PasswordReset
                | Self::PasswordResetForced
                | Self::PasswordChanged
                | Self::ReuseDetected
        )
    }

    /// Whether the email tells that an account was deleted: no other email follows it.
    #[must_use]
    pub const fn is_farewell(self) -> bool {
        matches!(
            self,
            Self::AccountDeleted | Self::FormerAccountDeleted | Self::AccountDeletedByAdmin
        )
    }

    /// What the link in an email to the present address of its account does, if it has one.
    #[must_use]
    pub const fn link_to_the_owner(self) -> Option<Purpose> {
        match self {
            Self::Verification => Some(Purpose::VerifyEmail),
            Self::PasswordReset | Self::PasswordResetForced => Some(Purpose::ResetPassword),
            _ => None,
        }
    }
}

impl Purpose {
    /// The path of the page that the link opens.
    #[must_use]
    pub const fn page(self) -> &'static str {
        match self {
            Self::VerifyEmail => "/verify-email",
            Self::ResetPassword => "/reset-password",
            Self::ConfirmEmailChange => "/confirm-email",
            Self::UndoEmailChange => "/undo-email",
            Self::AcceptInvitation => "/accept-invitation",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_parses_to_its_value() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<Role>().unwrap(), *role);
        }
        for reason in EndReason::ALL {
            assert_eq!(reason.as_str().parse::<EndReason>().unwrap(), *reason);
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
        assert!("root".parse::<Role>().is_err());
    }
}
