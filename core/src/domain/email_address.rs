//! Email addresses: how they are read, compared and used.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use super::text::is_invisible;
use crate::error::Flaw;

/// The address of one mailbox, valid after normalisation, with its domain in lower-case ASCII (IDNA,
/// UTS #46).
///
/// Email goes to the address as typed. Addresses are compared by [`key`](Self::key), so that one
/// mailbox has one account whatever the case or composition of its letters. Addresses with different
/// plus-tags are different mailboxes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailAddress {
    address: String,
    key: String,
}

impl EmailAddress {
    /// The maximum length in bytes (RFC 5321, section 4.5.3.1.3, less the angle brackets).
    pub const MAX_BYTES: usize = 254;
    /// The maximum length of the part before the `@` in bytes (RFC 5321, section 4.5.3.1.1).
    const MAX_LOCAL_BYTES: usize = 64;

    /// Reads an address as typed.
    ///
    /// Accepts the mailboxes that people have: a dot-atom (RFC 5322, section 3.2.3, with
    /// letters and digits of every script, RFC 6531) before the `@`, a domain name with at least
    /// one dot after it. Quoted local parts, address literals, comments and lists are refused.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] that says what is wrong with it.
    pub fn parse(typed: &str) -> Result<Self, Flaw> {
        // Before any work that grows with the input.
        if typed.len() > Self::MAX_BYTES {
            return Err(Flaw::new("too_long", "an email address has at most 254 bytes"));
        }
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(Flaw::new("required", "an email address is needed"));
        }
        let (local, domain) = typed.rsplit_once('@').ok_or_else(Self::malformed)?;
        let local: String = local.nfc().collect();
        let compatible: String = local.nfkc().collect();
        // A character with a compatible form (full-width letters, ligatures) is a look-alike.
        if !is_dot_atom(&local) || local != compatible || local.len() > Self::MAX_LOCAL_BYTES {
            return Err(Self::malformed());
        }
        let domain = Uts46::new()
            .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify)
            .map_err(|_| Self::malformed())?;
        let last_label = domain.rsplit_once('.').map(|(_, last)| last);
        if last_label.is_none_or(|last| last.bytes().all(|b| b.is_ascii_digit())) {
            return Err(Self::malformed());
        }
        let address = format!("{local}@{domain}");
        if address.len() > Self::MAX_BYTES {
            return Err(Flaw::new("too_long", "an email address has at most 254 bytes"));
        }
        let key = address.to_lowercase().nfc().collect();
        Ok(Self { address, key })
    }

    /// Where email goes: as typed, with the domain in lower-case ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// How addresses are compared.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The part before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.address.rsplit_once('@').map_or("", |(local, _)| local)
    }

    fn malformed() -> Flaw {
        Flaw::new("malformed", "this is not an email address like ada@example.org")
    }
}

fn is_dot_atom(local: &str) -> bool {
    // Some scripts need combining marks, which NFC cannot compose.
    let atext = |c: char| {
        c.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~".contains(c)
            || (!c.is_ascii() && (c.is_alphanumeric() || is_combining_mark(c)) && !is_invisible(c))
    };
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(atext))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(typed: &str) -> String {
        EmailAddress::parse(typed).unwrap_or_else(|flaw| panic!("{typed:?}: {flaw:?}")).key
    }

    #[test]
    fn case_and_composition_make_no_other_mailbox() {
        assert_eq!(key(" Ada.Lovelace@Example.ORG "), "ada.lovelace@example.org");
        assert_eq!(key("zo\u{eb}@example.org"), key("ZOE\u{308}@example.org"));
        assert_eq!(key("ada@B\u{dc}CHER.example"), "ada@xn--bcher-kva.example");
        assert_ne!(key("ada+a@example.org"), key("ada@example.org"));
    }

    #[test]
    fn email_goes_to_the_address_as_typed() {
        let address = EmailAddress::parse("Ada@EXAMPLE.org").unwrap();
        assert_eq!(address.as_str(), "Ada@example.org");
        assert_eq!(address.local_part(), "Ada");
    }

    #[test]
    fn anything_but_one_mailbox_is_refused() {
        for typed in [
            "ada",
            "@example.org",
            "ada@",
            "ada@localhost",
            "a b@example.org",
            "ada@example..org",
            ".ada@example.org",
            "ada.@example.org",
            "a..b@example.org",
            "\"a b\"@example.org",
            "ada@example.org, bob@example.org",
            "Ada <ada@example.org>",
            "ada@example.org\r\nBcc: b@c.de",
            "ada@[127.0.0.1]",
            "ada@127.0.0.1",
            "ada\u{0}@example.org",
            "a\u{200b}da@example.org",
            "a\u{200d}da@example.org",
            "ada@xn--\u{fc}.example",
            "ada@xn--zzzzzzzz99.example",
            "ada@-example.org",
            "\u{ff41}da@example.org",
            "o\u{fb03}ce@example.org",
            "ada@example.org.",
            "ada(comment)@example.org",
            "ada@exam_ple.org",
            "ada@example.org@",
        ] {
            assert!(EmailAddress::parse(typed).is_err(), "{typed:?}");
        }
        let long = format!("{}@example.org", "a".repeat(65));
        assert_eq!(EmailAddress::parse(&long).unwrap_err().code, "malformed");
        let longer = format!("a@{}.org", "b".repeat(300));
        assert_eq!(EmailAddress::parse(&longer).unwrap_err().code, "too_long");
    }

    proptest! {
        #[test]
        fn an_address_is_one_line_one_mailbox_and_stable(typed in "\\PC{0,40}@?\\PC{0,40}") {
            if let Ok(address) = EmailAddress::parse(&typed) {
                prop_assert_eq!(address.as_str().matches('@').count(), 1);
                prop_assert!(!address.as_str().chars().any(|c| c.is_control() || c.is_whitespace()));
                prop_assert!(address.as_str().len() <= EmailAddress::MAX_BYTES);
                let again = EmailAddress::parse(address.as_str()).unwrap();
                prop_assert_eq!(&again, &address);
                let upper = EmailAddress::parse(&address.as_str().to_ascii_uppercase()).unwrap();
                prop_assert_eq!(upper.key(), address.key());
            }
        }
    }
}
