//! What the settings say about our emails.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use anyhow::Context as _;
use keyward_core::settings::Settings;

use super::answers::{Answers, NoAnswer};
use crate::mail::relay::MailRelay;

/// What DNS has to know about.
#[derive(Debug, Clone)]
pub(in crate::mail::doctor) struct Setup {
    /// The domain of `MAIL_FROM`.
    pub(super) from: String,
    /// `BOUNCE_DOMAIN`.
    pub(super) bounces: Option<String>,
    pub(super) dkim: Option<DkimSetup>,
    /// The name in `EHLO`; none if it is an address.
    pub(super) ehlo: Option<String>,
    /// The host of `SMTP_URL`.
    pub(super) relay: String,
}

/// The key that signs emails.
#[derive(Debug, Clone)]
pub(super) struct DkimSetup {
    pub(super) selector: String,
    /// The record that publishes the key.
    pub(super) record: String,
}

/// Where the relay is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Location {
    /// This machine or its network: receivers see another address.
    Local,
    /// A host of the sender's domain, probably the one that receivers see.
    Own(Vec<IpAddr>),
    /// A provider's host. The domain to include, if the provider is known.
    Provider(Vec<IpAddr>, Option<&'static str>),
    /// DNS does not know it.
    Unknown,
}

/// Hosts of providers, and what they document for SPF.
const PROVIDERS: [(&str, &str); 11] = [
    ("amazonaws.com", "amazonses.com"),
    ("brevo.com", "spf.brevo.com"),
    ("gmail.com", "_spf.google.com"),
    ("google.com", "_spf.google.com"),
    ("mailgun.org", "mailgun.org"),
    ("mailjet.com", "spf.mailjet.com"),
    ("messagingengine.com", "spf.messagingengine.com"),
    ("office365.com", "spf.protection.outlook.com"),
    ("postmarkapp.com", "spf.mtasv.net"),
    ("sendgrid.net", "sendgrid.net"),
    ("zoho.com", "zoho.com"),
];

impl Setup {
    /// Fails if `SMTP_URL` or `DKIM_KEY` is malformed.
    pub(in crate::mail::doctor) fn new(settings: &Settings) -> anyhow::Result<Self> {
        let mail = &settings.mail;
        let address = mail.from.address.as_str();
        let from = address.rsplit_once('@').map_or(address, |(_, domain)| domain).to_owned();
        let dkim = mail.dkim().map(|dkim| {
            let record = dkim.key.record().context("DKIM_KEY")?;
            anyhow::Ok(DkimSetup { selector: dkim.selector, record })
        });
        let ehlo = settings.ehlo_name().to_string();
        Ok(Self {
            from,
            bounces: mail.bounce_domain.as_ref().map(|domain| domain.as_str().to_owned()),
            dkim: dkim.transpose()?,
            ehlo: Some(ehlo).filter(|name| !name.starts_with('[')),
            relay: MailRelay::new(settings)?.host,
        })
    }

    /// The domain of return paths, for which receivers check SPF.
    pub(super) fn return_path(&self) -> &str {
        self.bounces.as_deref().unwrap_or(&self.from)
    }

    /// Where the relay is, as far as DNS tells.
    pub(super) fn location(&self, answers: &Answers) -> Location {
        let host = self.relay.trim_end_matches('.').to_ascii_lowercase();
        let addresses = match host.parse::<IpAddr>() {
            Ok(address) => Ok(vec![address]),
            // A name without a dot is one of this machine or of its network.
            Err(_) if !host.contains('.') => return Location::Local,
            Err(_) => answers.addresses(&host),
        };
        let public: Vec<IpAddr> = match addresses {
            Ok(all) if !all.iter().any(|address| is_public(*address)) => return Location::Local,
            Ok(all) => all.into_iter().filter(|address| is_public(*address)).collect(),
            Err(NoAnswer::NotAsked) => Vec::new(),
            Err(_) => return Location::Unknown,
        };
        // `example.org` for a sender at `accounts.example.org`.
        let parent = self.from.split_once('.').map(|(_, parent)| parent);
        let parent = parent.filter(|parent| parent.contains('.'));
        let domains = [Some(self.from.as_str()), parent];
        if domains.into_iter().flatten().any(|domain| is_within(&host, domain)) {
            return Location::Own(public);
        }
        let known = PROVIDERS.iter().find(|(domain, _)| is_within(&host, domain));
        Location::Provider(public, known.map(|(_, include)| *include))
    }
}

/// Whether a name is a domain or below it.
pub(super) fn is_within(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            const SHARED: Ipv4Addr = Ipv4Addr::new(100, 64, 0, 0);
            let is_shared = u32::from(v4) >> 22 == u32::from(SHARED) >> 22;
            !(v4.is_loopback() || v4.is_private() || v4.is_link_local() || is_shared)
        }
        IpAddr::V6(v6) => {
            !(v6 == Ipv6Addr::LOCALHOST || v6.is_unique_local() || v6.is_unicast_link_local())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(from: &str, relay: &str) -> Location {
        let setup = Setup {
            from: from.to_owned(),
            bounces: None,
            dkim: None,
            ehlo: None,
            relay: relay.to_owned(),
        };
        let zone = "mail.example.org A 192.0.2.5\nsmtp.sendgrid.net A 198.51.100.1\n\
                    relay.isp.example A 198.51.100.2\nlan.example.org A 10.0.0.1";
        setup.location(&Answers::of_zone(zone, |answers| _ = setup.location(answers)))
    }

    #[test]
    fn relay_is_own_a_providers_or_near() {
        let v4 = |text: &str| vec![text.parse().unwrap()];
        for from in ["example.org", "accounts.example.org"] {
            assert_eq!(location(from, "mail.example.org"), Location::Own(v4("192.0.2.5")));
        }
        for (relay, expected) in [
            ("smtp.SendGrid.net.", Location::Provider(v4("198.51.100.1"), Some("sendgrid.net"))),
            ("relay.isp.example", Location::Provider(v4("198.51.100.2"), None)),
            ("203.0.113.1", Location::Provider(v4("203.0.113.1"), None)),
            ("127.0.0.1", Location::Local),
            ("::1", Location::Local),
            ("100.100.0.1", Location::Local),
            ("postfix", Location::Local),
            ("lan.example.org", Location::Local),
            ("gone.example.net", Location::Unknown),
        ] {
            assert_eq!(location("example.org", relay), expected, "{relay}");
        }
    }
}
