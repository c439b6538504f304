//! The scopes of a service token.

use super::Scope;
use crate::error::Flaw;

/// One or more scopes, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// Parses a list of words.
    ///
    /// # Errors
    ///
    /// A [`Flaw`] if the list is empty or a scope does not exist.
    pub fn parse(words: &[String]) -> Result<Self, Flaw> {
        let scopes = Self::known(words);
        if words.is_empty() {
            return Err(Flaw::new("required", "a service token needs a scope"));
        }
        if words.iter().any(|word| !scopes.0.iter().any(|scope| scope.as_str() == word)) {
            let all: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
            let detail = format!("each scope must be one of: {}", all.join(", "));
            return Err(Flaw::new("unknown_value", detail));
        }
        Ok(scopes)
    }

    /// Those of these words that this release knows.
    pub(crate) fn known(words: &[String]) -> Self {
        let is_named = |scope: &&Scope| words.iter().any(|word| word == scope.as_str());
        Self(Scope::ALL.iter().filter(is_named).copied().collect())
    }

    /// Whether they include a scope.
    #[must_use]
    pub fn include(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// The scopes.
    #[must_use]
    pub fn as_slice(&self) -> &[Scope] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Scopes, Flaw> {
        Scopes::parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn repeated_scope_counts_once() {
        let scopes = parse(&["users:write", "events:read", "users:write"]).unwrap();
        assert_eq!(scopes.as_slice(), [Scope::EventsRead, Scope::UsersWrite]);
        assert!(scopes.include(Scope::UsersWrite) && !scopes.include(Scope::UsersRead));
    }

    #[test]
    fn unknown_scope_is_refused_and_one_is_needed() {
        assert_eq!(parse(&[]).unwrap_err().code, "required");
        for unknown in ["", "*", "users", "users:*", "USERS:READ", "users:read ", "admin"] {
            assert_eq!(parse(&["users:read", unknown]).unwrap_err().code, "unknown_value");
        }
    }
}
