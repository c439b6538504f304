//! What an account may do, whether it may do anything, and why a session ended.

use super::words::words;

words! {
    /// What an account may do. Decided by the row in Postgres, never by a cache or a claim.
    Role {
        /// Manages its own account.
        User = "user"
        /// Manages every account.
        Admin = "admin"
    }
}

words! {
    /// Whether an account may be used.
    Status {
        /// In use.
        Active = "active"
        /// Locked by an administrator: no login, and its sessions are refused.
        Disabled = "disabled"
    }
}

words! {
    /// Why a session ended; its owner can read it.
    EndReason {
        /// Its owner logged out.
        LoggedOut = "logged_out"
        /// A refresh token came that had been replaced before (RFC 9700, section 4.14.2).
        ReuseDetected = "reuse_detected"
        /// Its owner ended it from another session.
        Ended = "ended"
        /// The password was changed from another session.
        PasswordChanged = "password_changed"
        /// The password was set anew through a mailed link.
        PasswordReset = "password_reset"
        /// The address was changed from another session.
        EmailChanged = "email_changed"
        /// The owner of the old address took a change of it back.
        EmailChangeUndone = "email_change_undone"
        /// An administrator disabled the account.
        Disabled = "disabled"
        /// An administrator ended it.
        EndedByAdmin = "ended_by_admin"
        /// An administrator made the owner choose a new password.
        PasswordResetForced = "password_reset_forced"
        /// Not used for too long, or its absolute end has come.
        Expired = "expired"
    }
}

impl EndReason {
    /// For so long after its end the owner of a session can read why it ended; then it is removed.
    pub const READABLE_FOR: chrono::Duration = chrono::Duration::days(30);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_as_itself() {
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
