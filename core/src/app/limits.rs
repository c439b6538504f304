//! Rate limits that commands decide themselves, because they depend on the account.

use super::App;
use crate::{domain::EmailAddress, infra::limits::Bucket};

impl App {
    /// The bucket of failed logins of an address, known or not, from networks that never held a
    /// session of its account (`LIMIT_LOGIN_STRANGERS`).
    pub(crate) fn login_strangers(&self, email: &EmailAddress) -> Bucket {
        Bucket::new("login-strangers", self.settings.limits.login_strangers, email.key())
    }

    /// Whether one more email that a stranger caused may go to a mailbox (`LIMIT_MAILBOX`).
    ///
    /// Call it on every request. With `is_due` false nothing is counted for the mailbox, but the work
    /// is the same, so the response time does not disclose whether an account exists.
    pub(crate) async fn may_mail(&self, to: &EmailAddress, is_due: bool) -> bool {
        let name = if is_due { "mailbox" } else { "mailbox-decoy" };
        let bucket = Bucket::new(name, self.settings.limits.mailbox, to.key());
        self.limiter.decide(&[bucket]).await.is_allowed
    }
}
