//! The domain of return paths.

use std::str::FromStr;

use crate::domain::EmailAddress;

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
        // The longest local part that a return path can have.
        let address = format!("{}@{}", "b".repeat(64), text.trim());
        let address = EmailAddress::parse(&address).map_err(|_| FORM)?;
        let (_, domain) = address.as_str().split_once('@').ok_or(FORM)?;
        Ok(Self(domain.to_owned()))
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
