//! The settings of rate limits: a part of the [table](super::table).

use ipnetwork::IpNetwork;

use crate::domain::Limit;

settings! {
    /// Rate limits. Each is `requests/seconds`: a burst, refilled within that many seconds.
    ///
    /// The limits that count *guesses* (`login`, `login_account`, `login_strangers`, `link_use`,
    /// `code`, `code_address`, `reauthentication`) refund an attempt that succeeds, so they slow
    /// down guessing only.
    #[derive(Debug, Clone)]
    pub struct Limits {
        /// Whether rate limits apply. `false` is for load tests only.
        enabled: bool = one_of("RATE_LIMIT_ENABLED", &[("true", true), ("false", false)]),
        /// Comma-separated networks (CIDR) whose `X-Forwarded-For` is trusted: your proxy, and
        /// applications that call the API on behalf of their users.
        trusted_proxies: Vec<IpNetwork> = list("TRUSTED_PROXIES"),
        /// Registrations per network: an IPv4 address or an IPv6 /64.
        registration: Limit = value("LIMIT_REGISTRATION", "60/3600"),
        /// Failed logins per network.
        login: Limit = value("LIMIT_LOGIN", "60/300"),
        /// Failed logins per address and network.
        login_account: Limit = value("LIMIT_LOGIN_ACCOUNT", "10/600"),
        /// Failed logins per address, from networks that never had a session of its account: at most
        /// 100 an hour (NIST SP 800-63B-4, 3.2.2). After a reset by email, the right password passes.
        login_strangers: Limit = value("LIMIT_LOGIN_STRANGERS", "50/3600"),
        /// Requests for an emailed link per network.
        link_request: Limit = value("LIMIT_LINK_REQUEST", "60/3600"),
        /// Invalid links and refresh tokens per network.
        link_use: Limit = value("LIMIT_LINK_USE", "120/60"),
        /// Wrong codes of links per network.
        code: Limit = value("LIMIT_CODE", "60/3600"),
        /// Wrong codes of links per address and network. A code takes five wrong tries, from all
        /// networks together.
        code_address: Limit = value("LIMIT_CODE_ADDRESS", "10/3600"),
        /// Wrong passwords of a logged-in user.
        reauthentication: Limit = value("LIMIT_REAUTHENTICATION", "10/600"),
        /// Requests of a service token.
        service_token: Limit = value("LIMIT_SERVICE_TOKEN", "6000/60"),
        /// Links of one purpose emailed to one mailbox, per network that requests them.
        mailbox: Limit = value("LIMIT_MAILBOX", "5/3600"),
        /// Links of one purpose emailed to one mailbox, requested from all networks together.
        mailbox_total: Limit = value("LIMIT_MAILBOX_TOTAL", "10/3600"),
        /// Notices to one mailbox that someone tried to register with its address.
        mailbox_notices: Limit = value("LIMIT_MAILBOX_NOTICES", "3/3600"),
        /// Changes of address that one account requests.
        email_change: Limit = value("LIMIT_EMAIL_CHANGE", "5/3600"),
        /// Emails to one address that accounts want to change to.
        email_change_target: Limit = value("LIMIT_EMAIL_CHANGE_TARGET", "3/3600"),
    }
}
