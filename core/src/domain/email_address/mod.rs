//! Email addresses: how they are read, compared and used.

use icu_properties::props::XidContinue;
use unicode_normalization::UnicodeNormalization as _;
use unicode_security::general_security_profile::{GeneralSecurityProfile as _, IdentifierType};

use super::{
    domain_name::domain_name,
    unicode::{
        fold::fold,
        look_alikes::{ascii_twin_of, check_words},
        properties::{Oddity, forbid, has},
        visible,
    },
};
use crate::error::Flaw;

/// The address of one mailbox, valid after normalisation, with its domain in lower-case ASCII (IDNA,
/// UTS #46).
///
/// Every address can be mailed to: it is an `addr-spec` of RFC 6532, the part before the `@` in ASCII or
/// UTF-8, without quotes. A relay needs SMTPUTF8 (RFC 6531) for the latter.
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
    /// The maximum length in bytes (RFC 5321, section 4.5.3.1.3, less the angle brackets). As typed, an
    /// address has at most as many characters.
    pub const MAX_BYTES: usize = 254;
    /// The maximum length of the part before the `@` in bytes (RFC 5321, section 4.5.3.1.1).
    const MAX_LOCAL_BYTES: usize = 64;

    /// Reads an address as typed, without what people paste along.
    ///
    /// Accepts the mailboxes that people have: a dot-atom (RFC 5322, section 3.2.3, with the letters,
    /// marks and digits of every script) before the `@`, a domain name with at least one dot after it.
    /// Quoted local parts, address literals, comments and lists are refused.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] that says what is wrong with it.
    pub fn parse(typed: &str) -> Result<Self, Flaw> {
        let too_long = || Flaw::new("too_long", "an email address has at most 254 bytes");
        // Before any work that grows with the input.
        if typed.chars().nth(Self::MAX_BYTES).is_some() {
            return Err(too_long());
        }
        let typed = visible::trim(typed);
        if typed.is_empty() {
            return Err(Flaw::new("required", "an email address is needed"));
        }
        visible::check(typed)?;
        let (local, domain) = typed.rsplit_once('@').ok_or_else(malformed)?;
        let local: String = local.nfc().collect();
        check_dot_atom(&local)?;
        check_words(&local)?;
        let domain = domain_name(domain).ok_or_else(malformed)?;
        if local.len() > Self::MAX_LOCAL_BYTES {
            return Err(Flaw::new("too_long", "the part before the @ has at most 64 bytes"));
        }
        let address = format!("{local}@{domain}");
        if address.len() > Self::MAX_BYTES {
            return Err(too_long());
        }
        let folded = fold(&local);
        let compared = ascii_twin_of(&folded).map(|twin| twin.to_ascii_lowercase());
        let key = format!("{}@{domain}", compared.unwrap_or(folded));
        Ok(Self { address, key })
    }

    /// Where email goes: as typed, with the domain in lower-case ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// How addresses are compared: equal for addresses that differ in case, composition or invisible
    /// characters only, and for those that look like one in ASCII.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The part before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.address.rsplit_once('@').map_or("", |(local, _)| local)
    }
}

fn malformed() -> Flaw {
    Flaw::new("malformed", "this is not an email address like ada@example.org")
}

/// Checks that a local part consists of letters, marks, digits and signs between dots. Invisible
/// characters have been checked already.
fn check_dot_atom(local: &str) -> Result<(), Flaw> {
    for c in local.chars() {
        if c.is_ascii() {
            if !c.is_ascii_alphanumeric() && !"!#$%&'*+-/=?^_`{|}~.".contains(c) {
                return Err(malformed());
            }
        } else if !has::<XidContinue>(c) && c.identifier_type() != Some(IdentifierType::Inclusion) {
            return Err(forbid(c, Oddity::Other, "is not a letter, mark or digit"));
        } else if c.nfkc().all(|form| form.is_ascii()) {
            // Full-width letters, ligatures.
            let plain: String = c.nfkc().collect();
            let why = format!("is another form of \"{plain}\"");
            return Err(forbid(c, Oddity::LookAlike(&plain), &why));
        }
    }
    if local.split('.').any(str::is_empty) { Err(malformed()) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
