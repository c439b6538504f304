//! Reads an SPF record (RFC 7208, sections 4.6.1 and 5).

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnetwork::IpNetwork;

/// What a mechanism that matches says about the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Qualifier {
    Pass,
    Fail,
    SoftFail,
    Neutral,
}

/// A record without syntax errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SpfRecord {
    pub(super) terms: Vec<Term>,
    pub(super) redirect: Option<String>,
}

/// A mechanism and its qualifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    /// As it stands in the record.
    pub(super) text: String,
    pub(super) qualifier: Qualifier,
    pub(super) mechanism: Mechanism,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mechanism {
    All,
    Include(String),
    A(Hosts),
    Mx(Hosts),
    Ptr,
    Exists,
    Network(IpNetwork),
}

/// The addresses of a domain, or of its mail servers, and their neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hosts {
    /// None: the domain of the record.
    pub(super) domain: Option<String>,
    pub(super) v4: u8,
    pub(super) v6: u8,
}

/// Whether a TXT record is an SPF record of any content.
pub(super) fn is_spf(text: &str) -> bool {
    let version = text.split(' ').next().unwrap_or_default();
    version.eq_ignore_ascii_case("v=spf1")
}

impl SpfRecord {
    /// Reads a record for which [`is_spf`] holds. The error names the term that is wrong.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut record = Self { terms: Vec::new(), redirect: None };
        for text in text.split(' ').skip(1).filter(|text| !text.is_empty()) {
            let name_ends = text.find([':', '/', '=']);
            match name_ends.map(|at| (&text[..at], &text[at..])) {
                Some((name, value)) if value.starts_with('=') => {
                    let domain =
                        domain(&value[1..]).ok_or_else(|| format!("`{text}` names no domain"));
                    if name.eq_ignore_ascii_case("redirect") {
                        if record.redirect.replace(domain?).is_some() {
                            return Err("`redirect=` stands there twice".to_owned());
                        }
                    } else if name.eq_ignore_ascii_case("exp") {
                        domain?;
                    }
                }
                _ => record.terms.push(Term::parse(text)?),
            }
        }
        Ok(record)
    }

    /// The position of `all`, after which nothing is read.
    pub(super) fn all(&self) -> Option<usize> {
        self.terms.iter().position(|term| term.mechanism == Mechanism::All)
    }
}

impl Term {
    fn parse(text: &str) -> Result<Self, String> {
        let (qualifier, rest) = match text.as_bytes().first() {
            Some(b'+') => (Qualifier::Pass, &text[1..]),
            Some(b'-') => (Qualifier::Fail, &text[1..]),
            Some(b'~') => (Qualifier::SoftFail, &text[1..]),
            Some(b'?') => (Qualifier::Neutral, &text[1..]),
            _ => (Qualifier::Pass, text),
        };
        let (name, value) = rest.split_at(rest.find([':', '/']).unwrap_or(rest.len()));
        let target = value.strip_prefix(':');
        let domain_of = |target: Option<&str>| target.and_then(domain);
        let no_domain = || format!("`{text}` names no domain");
        let mechanism =
            match name.to_ascii_lowercase().as_str() {
                "all" if value.is_empty() => Mechanism::All,
                "include" => Mechanism::Include(domain_of(target).ok_or_else(no_domain)?),
                "exists" => domain_of(target).map(|_| Mechanism::Exists).ok_or_else(no_domain)?,
                "ptr" if target.is_none_or(|target| domain(target).is_some()) => Mechanism::Ptr,
                "a" => Mechanism::A(Hosts::parse(value).ok_or_else(|| malformed(text))?),
                "mx" => Mechanism::Mx(Hosts::parse(value).ok_or_else(|| malformed(text))?),
                "ip4" => network::<Ipv4Addr>(target)
                    .ok_or_else(|| format!("`{text}` is no IPv4 network"))?,
                "ip6" => network::<Ipv6Addr>(target)
                    .ok_or_else(|| format!("`{text}` is no IPv6 network"))?,
                _ => return Err(malformed(text)),
            };
        Ok(Self { text: text.to_owned(), qualifier, mechanism })
    }
}

impl Hosts {
    /// Reads `[:domain][/v4][//v6]`.
    fn parse(value: &str) -> Option<Self> {
        let (rest, v6) = match value.split_once("//") {
            Some((rest, v6)) => (rest, v6.parse().ok().filter(|bits| *bits <= 128)?),
            None => (value, 128),
        };
        // A macro can contain a slash, too.
        let slash = rest.rfind('/').filter(|at| !rest[*at..].contains('}'));
        let (rest, v4) = match slash {
            Some(at) => (&rest[..at], rest[at + 1..].parse().ok().filter(|bits| *bits <= 32)?),
            None => (rest, 32),
        };
        let domain = match rest.strip_prefix(':') {
            Some(target) => Some(domain(target)?),
            None => rest.is_empty().then_some(None)?,
        };
        Some(Self { domain, v4, v6 })
    }
}

/// Reads `address[/bits]` of one family.
fn network<A: std::str::FromStr>(target: Option<&str>) -> Option<Mechanism> {
    let target = target?;
    let address = target.split('/').next()?;
    address.parse::<A>().ok()?;
    target.parse().ok().map(Mechanism::Network)
}

/// A domain name or a macro (section 7). Names are not checked against the rules for hosts: DNS decides
/// whether they exist.
fn domain(text: &str) -> Option<String> {
    let is_name = |text: &str| {
        let text = text.strip_suffix('.').unwrap_or(text);
        text.len() <= 253 && text.split('.').all(|label| (1..=63).contains(&label.len()))
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ['-', '_', '.'].contains(&c);
    let is_valid =
        if has_macro(text) { text.is_ascii() } else { is_name(text) && text.chars().all(is_plain) };
    is_valid.then(|| text.to_ascii_lowercase())
}

/// Whether a domain depends on the email.
pub(super) fn has_macro(domain: &str) -> bool {
    domain.contains('%')
}

fn malformed(text: &str) -> String {
    format!("`{text}` is not something that SPF knows")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_is_known_by_its_first_word() {
        assert!(["v=spf1", "v=spf1 -all", "V=SPF1 a"].into_iter().all(is_spf));
        assert!(!["", "v=spf10", "v=spf1-all", "spf2.0/pra", " v=spf1"].into_iter().any(is_spf));
    }

    #[test]
    fn terms_are_read() {
        let text = "v=spf1  A mx/24 a:Mail.example/24//64 -ip4:192.0.2.0/24 ~ip6:2001:db8::/32 \
                    ?include:%{d}.x.example exists:%{i}._spf.example ptr exp=why.example odd=1 -ALL";
        let record = SpfRecord::parse(text).unwrap();

        assert_eq!(record.terms.len(), 9);
        assert_eq!(record.all(), Some(8));
        let Mechanism::A(hosts) = &record.terms[2].mechanism else { panic!("{record:?}") };
        assert_eq!((hosts.domain.as_deref(), hosts.v4, hosts.v6), (Some("mail.example"), 24, 64));
        assert_eq!(record.terms[3].qualifier, Qualifier::Fail);
    }

    #[test]
    fn mistakes_are_named() {
        for term in [
            "ip4:192.0.2",
            "ip4:2001:db8::1",
            "ip4:192.0.2.1/33",
            "ip6:192.0.2.1",
            "ip4",
            "include",
            "include:",
            "include:a..example",
            "redirect=",
            "a:/24",
            "a/40",
            "mx//129",
            "all:x",
            "ipv4:192.0.2.1",
            "-al",
            "\u{fc}",
        ] {
            let error = SpfRecord::parse(&format!("v=spf1 {term} -all")).unwrap_err();
            let first = term.split(' ').next().unwrap();
            assert!(error.contains(first), "{term}: {error}");
        }
        assert!(SpfRecord::parse("v=spf1 redirect=a.example redirect=b.example").is_err());
    }
}
