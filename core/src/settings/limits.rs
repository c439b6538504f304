//! How often somebody may ask, and whom to believe where a request comes from.

use std::net::IpAddr;

use ipnetwork::IpNetwork;

use super::reader::Reader;
use crate::infra::limits::Limit;

/// How often somebody may ask. Each limit is `requests/seconds`: so many at once, and as many again
/// in so many seconds.
///
/// What counts *guesses* (`login`, `login_account`, `login_strangers`, `link_use`,
/// `reauthentication`) gives an attempt back that turns out right: an office or an app with many
/// devices is not slowed by logging in, only by guessing.
#[derive(Debug, Clone)]
pub struct Limits {
    /// `RATE_LIMIT_ENABLED`: `false` for load tests; default `true`.
    pub enabled: bool,
    /// `TRUSTED_PROXIES`: comma-separated networks (CIDR) whose `X-Forwarded-For` is believed;
    /// default none.
    pub trusted_proxies: Vec<IpNetwork>,
    /// `LIMIT_REGISTRATION`: registrations per network; default 60/3600.
    pub registration: Limit,
    /// `LIMIT_LOGIN`: wrong logins per network; default 60/300.
    pub login: Limit,
    /// `LIMIT_LOGIN_ACCOUNT`: wrong logins per address and network; default 10/600.
    pub login_account: Limit,
    /// `LIMIT_LOGIN_STRANGERS`: wrong logins per address, over all networks that never held a
    /// session of its account; default 50/3600: at most 100 in any hour. NIST SP
    /// 800-63B-4, section 3.2.2, would lock the account after 100 in a row; that would be a lock a
    /// stranger can put on it, which OWASP ASVS 5.0, 6.1.1, forbids.
    pub login_strangers: Limit,
    /// `LIMIT_LINK_REQUEST`: requests for a mailed link per network; default 60/3600.
    pub link_request: Limit,
    /// `LIMIT_LINK_USE`: mailed links and refresh tokens that were no good, per network; default
    /// 120/60.
    pub link_use: Limit,
    /// `LIMIT_REAUTHENTICATION`: wrong passwords of somebody who is logged in; default 10/600.
    pub reauthentication: Limit,
    /// `LIMIT_MAILBOX`: mails to one mailbox that a stranger can cause; default 5/3600.
    pub mailbox: Limit,
}

impl Limits {
    /// Whether what this peer says of where a request comes from is believed.
    #[must_use]
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(peer))
    }

    pub(super) fn read(env: &mut Reader<'_>) -> Self {
        Self {
            enabled: env.one_of("RATE_LIMIT_ENABLED", &[("true", true), ("false", false)]),
            trusted_proxies: env.parsed_list("TRUSTED_PROXIES"),
            registration: env.value("LIMIT_REGISTRATION", "60/3600"),
            login: env.value("LIMIT_LOGIN", "60/300"),
            login_account: env.value("LIMIT_LOGIN_ACCOUNT", "10/600"),
            login_strangers: env.value("LIMIT_LOGIN_STRANGERS", "50/3600"),
            link_request: env.value("LIMIT_LINK_REQUEST", "60/3600"),
            link_use: env.value("LIMIT_LINK_USE", "120/60"),
            reauthentication: env.value("LIMIT_REAUTHENTICATION", "10/600"),
            mailbox: env.value("LIMIT_MAILBOX", "5/3600"),
        }
    }
}
