//! Roles, statuses, and the reasons why sessions end.

use super::words::words;

words! {
    /// The role of an account. Commands decide by the row in Postgres, never by a cache or a claim.
    Role {
        /// Manages its own account.
        User = "user"
        /// Manages every account.
        Admin = "admin"
    }
}

words! {
    /// The status of an account.
    Status {
        /// The owner can log in.
        Active = "active"
        /// Disabled by an administrator: no login, and no session is accepted.
        Disabled = "disabled"
    }
}

words! {
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
    }
}

impl EndReason {
    /// How long an ended session can be read; then it is deleted.
    pub const READABLE_FOR: chrono::Duration = chrono::Duration::days(30);
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
