//! The URL of a webhook's endpoint.

use std::net::IpAddr;

use url::{Host, Url};

use super::AddressRule;
use crate::error::Flaw;

/// The URL of an endpoint: absolute and `https`; `http` only for networks in
/// `WEBHOOK_ALLOWED_NETWORKS`. It may contain a secret, so no event or log carries it.
pub struct WebhookUrl(Url);

impl WebhookUrl {
    /// The maximum length in bytes.
    pub const MAX_BYTES: usize = 2_000;

    /// Reads a URL as typed. An IP address in it is checked now; what a host name resolves to is checked
    /// with every delivery.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] that says what is wrong with it.
    pub fn parse(typed: &str, rule: &AddressRule) -> Result<Self, Flaw> {
        if typed.len() > Self::MAX_BYTES {
            return Err(Flaw::new("too_long", "a URL has at most 2000 bytes"));
        }
        let detail = "this must be an absolute URL like https://example.org/hooks";
        let malformed = || Flaw::new("malformed", detail);
        let url = Url::parse(typed).map_err(|_| malformed())?;
        let host = url.host().ok_or_else(malformed)?;
        let with_tls = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(malformed()),
        };
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            let detail = "a URL must have no user, no password and no fragment";
            return Err(Flaw::new("forbidden_part", detail));
        }
        let address = match host {
            Host::Ipv4(address) => Some(IpAddr::from(address)),
            Host::Ipv6(address) => Some(IpAddr::from(address)),
            Host::Domain(_) => None,
        };
        if !with_tls && !rule.names_any() {
            return Err(Flaw::new("https_required", "the URL must begin with https://"));
        }
        if address.is_some_and(|address| !rule.allows(address, with_tls)) {
            let detail = "nothing is sent to this address; see WEBHOOK_ALLOWED_NETWORKS";
            return Err(Flaw::new("address_not_allowed", detail));
        }
        Ok(Self(url))
    }

    /// The URL as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(typed: &str) -> Option<&'static str> {
        WebhookUrl::parse(typed, &AddressRule::default()).err().map(|flaw| flaw.code)
    }

    #[test]
    fn public_https_urls_are_accepted() {
        for good in ["https://example.org", "https://example.org:8443/a?b=c", "https://1.1.1.1/"] {
            assert_eq!(flaw(good), None, "{good}");
        }
    }

    #[test]
    fn other_schemes_credentials_and_fragments_are_refused() {
        for (bad, code) in [
            ("", "malformed"),
            ("example.org", "malformed"),
            ("/hooks", "malformed"),
            ("ftp://example.org/", "malformed"),
            ("file:///etc/passwd", "malformed"),
            ("gopher://example.org/", "malformed"),
            ("https:///", "malformed"),
            ("javascript:alert(1)", "malformed"),
            ("https://user@example.org/", "forbidden_part"),
            ("https://:secret@example.org/", "forbidden_part"),
            ("https://example.org/#x", "forbidden_part"),
            ("http://example.org/", "https_required"),
        ] {
            assert_eq!(flaw(bad), Some(code), "{bad}");
        }
        assert_eq!(flaw(&format!("https://example.org/{}", "x".repeat(2_000))), Some("too_long"));
    }

    #[test]
    fn a_private_address_is_refused_in_every_spelling() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "017700000001",
            "0",
            "10.0.0.1",
            "169.254.169.254",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[fc00::1]",
            "１２７.0.0.1",
            "127.0.0.1.",
        ] {
            let code = flaw(&format!("https://{host}/"));
            assert_eq!(code, Some("address_not_allowed"), "{host}");
        }
    }

    #[test]
    fn plain_http_is_accepted_for_allowed_networks() {
        let rule = AddressRule::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let code = |typed: &str| WebhookUrl::parse(typed, &rule).err().map(|flaw| flaw.code);
        assert_eq!(code("http://10.1.2.3:9000/hooks"), None);
        // What the name resolves to is checked with every delivery.
        assert_eq!(code("http://internal.example/"), None);
        assert_eq!(code("http://1.1.1.1/"), Some("address_not_allowed"));
    }
}
