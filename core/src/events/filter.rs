//! Which events somebody wants.

use super::Event;
use crate::error::Flaw;

/// Which events somebody wants: some types, or all, also those that do not exist yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter(Vec<String>);

impl EventFilter {
    /// Reads a list of types; an empty one means all.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] if one of them does not exist.
    pub fn parse(mut types: Vec<String>) -> Result<Self, Flaw> {
        if types.iter().any(|one| !Event::SUBJECTS.contains(&one.as_str())) {
            return Err(Flaw::new("unknown_value", "each type must be one of the catalogue's"));
        }
        types.sort();
        types.dedup();
        Ok(Self(types))
    }

    /// As it was stored. A type that is gone from the catalogue matches nothing.
    pub(crate) fn stored(types: Vec<String>) -> Self {
        Self(types)
    }

    /// Whether an event of this type is wanted.
    #[must_use]
    pub fn matches(&self, subject: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|one| one == subject)
    }

    /// The types; none for all.
    #[must_use]
    pub fn types(&self) -> &[String] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(types: &[&str]) -> Result<EventFilter, Flaw> {
        EventFilter::parse(types.iter().map(|one| (*one).to_owned()).collect())
    }

    #[test]
    fn no_type_means_all_of_them() {
        assert!(filter(&[]).unwrap().matches("user.registered"));
    }

    #[test]
    fn types_are_kept_once_and_match_themselves_only() {
        let filter = filter(&["user.deleted", "session.ended", "user.deleted"]).unwrap();
        assert_eq!(filter.types(), ["session.ended", "user.deleted"]);
        assert!(filter.matches("user.deleted") && !filter.matches("user.registered"));
    }

    #[test]
    fn a_type_that_does_not_exist_is_refused() {
        for unknown in ["", "user.*", "user", "USER.DELETED", "user.deleted "] {
            assert_eq!(filter(&["user.deleted", unknown]).unwrap_err().code, "unknown_value");
        }
    }
}
