//! Domain names.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// A domain name as it stands in DNS: in lower-case ASCII (IDNA, UTS #46), with at least one dot. `None`
/// for anything else, such as an IPv4 address: the last label is not a number.
pub(crate) fn domain_name(typed: &str) -> Option<String> {
    let (deny, hyphens) = (AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    let name = Uts46::new().to_ascii(typed.as_bytes(), deny, hyphens, DnsLength::Verify).ok()?;
    let (_, last) = name.rsplit_once('.')?;
    (!last.bytes().all(|byte| byte.is_ascii_digit())).then(|| name.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_is_read_as_it_stands_in_dns() {
        for (typed, name) in [
            ("Mail.B\u{fc}cher.Example", Some("mail.xn--bcher-kva.example")),
            ("ab--cd.example.org", Some("ab--cd.example.org")),
            ("localhost", None),
            ("192.0.2.1", None),
            ("example.org.", None),
            ("-a.example", None),
            ("under_score.example", None),
            ("xn--a.example", None),
            ("a..example", None),
            ("", None),
        ] {
            assert_eq!(domain_name(typed).as_deref(), name, "{typed:?}");
        }
    }
}
