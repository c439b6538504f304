//! The format of a cache entry: `version|made at (ms)|value`; a tombstone has an empty value.

/// An entry, or a tombstone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Version of the row.
    pub(crate) version: i64,
    /// When it was made, in milliseconds by the clock of Redis.
    pub(crate) made_at_ms: i64,
    /// Empty for a tombstone.
    pub(crate) value: String,
}

impl Entry {
    /// Parses an entry. Garbage is `None`.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut parts = text.splitn(3, '|');
        Some(Self {
            version: parts.next()?.parse().ok()?,
            made_at_ms: parts.next()?.parse().ok()?,
            value: parts.next()?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tombstone_is_an_entry_without_a_value() {
        let entry = Entry::parse(b"7|1800000000000|").unwrap();
        assert_eq!((entry.version, entry.value.as_str()), (7, ""));
    }

    proptest! {
        #[test]
        fn garbage_is_a_miss(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Entry::parse(&bytes);
        }

        #[test]
        fn value_may_hold_any_text(value in "\\PC*") {
            let entry = Entry::parse(format!("1|2|{value}").as_bytes()).unwrap();
            prop_assert_eq!(entry.value, value);
        }
    }
}
