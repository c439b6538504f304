//! The name by which the worker introduces itself to the mail relay.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use url::{Host, Url};

use crate::domain::domain_name::domain_name;

/// The name in `EHLO` (RFC 5321, section 4.1.1.1): a fully qualified domain name in ASCII, an address
/// literal such as `[192.0.2.1]` or `[IPv6:2001:db8::1]`, or `localhost`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EhloName(String);

impl EhloName {
    /// The name of the host of a URL.
    pub(super) fn of(url: &Url) -> Self {
        match url.host() {
            Some(Host::Domain(name)) => Self(name.trim_end_matches('.').to_owned()),
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
            None => Self("localhost".to_owned()),
        }
    }
}

impl From<Ipv4Addr> for EhloName {
    fn from(address: Ipv4Addr) -> Self {
        Self(format!("[{address}]"))
    }
}

impl From<Ipv6Addr> for EhloName {
    fn from(address: Ipv6Addr) -> Self {
        Self(format!("[IPv6:{address}]"))
    }
}

impl fmt::Display for EhloName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for EhloName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "must be a fully qualified name like app.example.org, or an address like \
                            [192.0.2.1] or [IPv6:2001:db8::1]";
        let text = text.trim();
        if let Some(literal) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            return match literal.split_once(':') {
                Some((tag, v6)) if tag.eq_ignore_ascii_case("ipv6") => {
                    v6.parse().map(Ipv6Addr::into)
                }
                _ => literal.parse().map(Ipv4Addr::into),
            }
            .map_err(|_| FORM);
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.eq_ignore_ascii_case("localhost") {
            return Ok(Self("localhost".to_owned()));
        }
        domain_name(name).map(Self).ok_or(FORM)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_qualified_or_an_address() {
        for (text, meant) in [
            ("app.example.org", "app.example.org"),
            (" App.Example.ORG. ", "app.example.org"),
            ("mail.bücher.example", "mail.xn--bcher-kva.example"),
            ("[192.0.2.1]", "[192.0.2.1]"),
            ("[ipv6:2001:DB8:0::1]", "[IPv6:2001:db8::1]"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(text.parse::<EhloName>().unwrap().to_string(), meant);
        }
        for text in [
            "",
            "keyward",
            "192.0.2.1",
            "2001:db8::1",
            "[2001:db8::1]",
            "[IPv6:192.0.2.1]",
            "[",
            "a b.example",
            "a..example",
            "-a.example",
            "a.example\r\nMAIL",
            "under_score.example",
        ] {
            assert!(text.parse::<EhloName>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn host_of_a_url_is_its_name() {
        for (url, name) in [
            ("https://accounts.example.org", "accounts.example.org"),
            ("https://bücher.example.:8443", "xn--bcher-kva.example"),
            ("http://127.0.0.1:8080", "[127.0.0.1]"),
            ("http://[::1]:8080", "[IPv6:::1]"),
            ("http://localhost:8080", "localhost"),
        ] {
            assert_eq!(EhloName::of(&url.parse().unwrap()).to_string(), name);
        }
    }
}
