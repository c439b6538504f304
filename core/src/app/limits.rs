//! The limits that need an account or an address: guesses, emails to one mailbox, changes of address.

use super::App;
use crate::{
    domain::{EmailAddress, Purpose, UserId},
    infra::limits::Bucket,
    origin::Origin,
};

impl App {
    /// The buckets of failed logins of an address, known or not: those from the client's network
    /// (`LIMIT_LOGIN_ACCOUNT`), and those from all networks that never held a session of its account
    /// (`LIMIT_LOGIN_STRANGERS`).
    pub(crate) fn login_guesses(
        &self,
        email: &EmailAddress,
        origin: &Origin,
        is_known_network: bool,
    ) -> Vec<Bucket> {
        let limits = &self.settings.limits;
        let subject = format!("{} {}", network(origin), email.key());
        let account = Bucket::new("login-account", limits.login_account, &subject);
        let strangers = Bucket::new("login-strangers", limits.login_strangers, email.key());
        let strangers = (!is_known_network).then_some(strangers);
        [account].into_iter().chain(strangers).collect()
    }

    /// The buckets of wrong codes for an address, known or not: those from the client's network for every
    /// address (`LIMIT_CODE`) and for this one (`LIMIT_CODE_ADDRESS`). Wrong codes from other networks
    /// do not count: strangers must not keep the owner from typing the code of the next email.
    pub(crate) fn code_guesses(&self, email: &EmailAddress, origin: &Origin) -> [Bucket; 2] {
        let (limits, network) = (&self.settings.limits, network(origin));
        let subject = format!("{network} {}", email.key());
        [
            Bucket::new("code", limits.code, &network),
            Bucket::new("code-address", limits.code_address, &subject),
        ]
    }

    /// Counts a change of address that the owner of an account requests (`LIMIT_EMAIL_CHANGE`).
    pub(crate) fn email_changes(&self, account: UserId) -> Bucket {
        let limit = self.settings.limits.email_change;
        Bucket::new("email-change", limit, &account.to_string())
    }

    /// Whether one more link may be emailed to a mailbox: per network (`LIMIT_MAILBOX`) and in total
    /// (`LIMIT_MAILBOX_TOTAL`). Each purpose counts separately.
    ///
    /// Call it on every request. With `is_due` false nothing is counted for the mailbox, but the work
    /// is the same, so the response time does not disclose whether an account exists.
    pub(crate) async fn may_mail_link(
        &self,
        purpose: Purpose,
        to: &EmailAddress,
        origin: &Origin,
        is_due: bool,
    ) -> bool {
        let limits = &self.settings.limits;
        let mailbox = format!("{} {}", purpose.as_str(), to.key());
        let from = format!("{} {mailbox}", network(origin));
        let names = match is_due {
            true => ["mailbox", "mailbox-total"],
            false => ["mailbox-decoy", "mailbox-total-decoy"],
        };
        self.may_mail(&[
            Bucket::new(names[0], limits.mailbox, &from),
            Bucket::new(names[1], limits.mailbox_total, &mailbox),
        ])
        .await
    }

    /// Whether one more notice of a registration may be emailed to a mailbox
    /// (`LIMIT_MAILBOX_NOTICES`).
    pub(crate) async fn may_mail_notice(&self, to: &EmailAddress) -> bool {
        let limit = self.settings.limits.mailbox_notices;
        self.may_mail(&[Bucket::new("mailbox-notices", limit, to.key())]).await
    }

    /// Whether one more email about a change to this address may be sent to it, whether or not it has
    /// an account (`LIMIT_EMAIL_CHANGE_TARGET`).
    pub(crate) async fn may_mail_change(&self, to: &EmailAddress) -> bool {
        let limit = self.settings.limits.email_change_target;
        self.may_mail(&[Bucket::new("email-change-target", limit, to.key())]).await
    }

    async fn may_mail(&self, buckets: &[Bucket]) -> bool {
        self.limiter.decide(buckets).await.is_allowed
    }
}

fn network(origin: &Origin) -> String {
    origin.network().map(|network| network.to_string()).unwrap_or_default()
}
