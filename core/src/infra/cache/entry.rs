//! The format of a cache entry: `version|made at (ms)|value`; a tombstone has an empty value.

use std::time::Duration;

/// Writes an entry unless a newer one exists, or a tombstone unless an entry of its version or a newer
/// one exists. Garbage is overwritten, and so is what was made before a time: versions repeat after the
/// database was restored. `ARGV`: version, value, lifetime in ms, that time in ms.
const WRITE: &str = r"
local known = redis.pcall('GET', KEYS[1])
local version, made_at
if type(known) == 'string' then version, made_at = string.match(known, '^(%d+)|(%d+)|') end
version, made_at = tonumber(version), tonumber(made_at)
local new = tonumber(ARGV[1])
if version and made_at and made_at >= tonumber(ARGV[4]) and (version > new or version == new and ARGV[2] == '') then return 0 end
local now = redis.call('TIME')
local ms = string.format('%d', now[1] * 1000 + math.floor(now[2] / 1000))
redis.call('SET', KEYS[1], ARGV[1] .. '|' .. ms .. '|' .. ARGV[2], 'PX', ARGV[3])
return 1
";

/// The command that writes an entry, or a tombstone if `value` is empty. Uses `EVAL`, because a pipeline
/// cannot load a script that `EVALSHA` misses.
pub(super) fn write(
    key: &str,
    version: i64,
    value: &str,
    ttl: Duration,
    valid_since_ms: i64,
) -> redis::Cmd {
    let ttl_ms = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
    let mut command = redis::cmd("EVAL");
    command.arg(WRITE).arg(1).arg(key).arg(version).arg(value).arg(ttl_ms).arg(valid_since_ms);
    command
}

/// An entry, or a tombstone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CacheEntry {
    /// Version of the row.
    pub(crate) version: i64,
    /// When it was made, in milliseconds by the clock of Redis.
    pub(crate) made_at_ms: i64,
    /// Empty for a tombstone.
    pub(crate) value: String,
}

impl CacheEntry {
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
        let entry = CacheEntry::parse(b"7|1800000000000|").unwrap();
        assert_eq!((entry.version, entry.value.as_str()), (7, ""));
    }

    proptest! {
        #[test]
        fn garbage_is_a_miss(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = CacheEntry::parse(&bytes);
        }

        #[test]
        fn value_may_hold_any_text(value in "\\PC*") {
            let entry = CacheEntry::parse(format!("1|2|{value}").as_bytes()).unwrap();
            prop_assert_eq!(entry.value, value);
        }
    }
}
