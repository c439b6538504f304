//! Filters of event types.

use super::Event;
use crate::error::Flaw;

/// Some event types, or all of them, including future ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter(Vec<String>);

impl EventFilter {
    /// Parses a list of types. An empty list means all.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] if a type does not exist.
    pub fn parse(mut types: Vec<String>) -> Result<Self, Flaw> {
        if types.iter().any(|one| !Event::SUBJECTS.contains(&one.as_str())) {
            return Err(Flaw::new("unknown_value", "each type must be one of the catalogue's"));
        }
        types.sort();
        types.dedup();
        Ok(Self(types))
    }

    /// A stored filter. A type that is no longer in the catalogue matches nothing.
    pub(crate) fn stored(types: Vec<String>) -> Self {
        Self(types)
    }

    /// Whether the filter matches an event type.
    #[must_use]
    pub fn matches(&self, subject: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|one| one == subject)
    }

    /// The types; empty for all.
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
    fn empty_filter_matches_all_types() {
        assert!(filter(&[]).unwrap().matches("user.registered"));
    }

    #[test]
    fn types_are_deduplicated_and_match_exactly() {
        let filter = filter(&["user.deleted", "session.ended", "user.deleted"]).unwrap();
        assert_eq!(filter.types(), ["session.ended", "user.deleted"]);
        assert!(filter.matches("user.deleted") && !filter.matches("user.registered"));
    }

    #[test]
    fn unknown_type_is_refused() {
        for unknown in ["", "user.*", "user", "USER.DELETED", "user.deleted "] {
            assert_eq!(filter(&["user.deleted", unknown]).unwrap_err().code, "unknown_value");
        }
    }
}
