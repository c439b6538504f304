//! The domain of return paths.

use std::str::FromStr;

use crate::domain::{EmailAddress, domain_name::domain_name};

/// A domain name in lower-case ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BounceDomain(String);

impl BounceDomain {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BounceDomain {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "must be a domain like bounces.example.org";
        // Leaves room for the longest local part.
        let fits = |name: &String| name.len() + 65 <= EmailAddress::MAX_BYTES;
        domain_name(text.trim()).filter(fits).map(Self).ok_or(FORM)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_is_read_as_it_stands_in_dns() {
        let domain = |text: &str| text.parse().map(|domain: BounceDomain| domain.0);
        assert_eq!(domain("Bounces.B\u{fc}cher.example").unwrap(), "bounces.xn--bcher-kva.example");
        for odd in ["localhost", "a@example.org", "example.org.", "[127.0.0.1]", "a b.example"] {
            assert!(domain(odd).is_err(), "{odd}");
        }
        assert!(domain(&format!("{}.example", "a.".repeat(95))).is_err(), "an address is too long");
    }
}
