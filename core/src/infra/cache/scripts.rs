//! The cache's Lua scripts. Each runs atomically. A value that is not a string is overwritten like any
//! garbage.

use std::{sync::LazyLock, time::Duration};

use redis::{Pipeline, Script, ScriptInvocation};

/// Writes an entry unless a newer one exists. `ARGV`: version, value, lifetime in ms.
const FILL: &str = r"
local known = redis.pcall('GET', KEYS[1])
local version = type(known) == 'string' and tonumber(string.match(known, '^(%d+)|'))
if version and version > tonumber(ARGV[1]) then return 0 end
local now = redis.call('TIME')
local ms = string.format('%d', now[1] * 1000 + math.floor(now[2] / 1000))
redis.call('SET', KEYS[1], ARGV[1] .. '|' .. ms .. '|' .. ARGV[2], 'PX', ARGV[3])
return 1
";

/// Writes a tombstone unless an entry of this version or a newer one exists. `ARGV`: version, lifetime
/// in ms.
const TOMBSTONE: &str = r"
local known = redis.pcall('GET', KEYS[1])
local version = type(known) == 'string' and tonumber(string.match(known, '^(%d+)|'))
if version and version >= tonumber(ARGV[1]) then return 0 end
local now = redis.call('TIME')
local ms = string.format('%d', now[1] * 1000 + math.floor(now[2] / 1000))
redis.call('SET', KEYS[1], ARGV[1] .. '|' .. ms .. '|', 'PX', ARGV[2])
return 1
";

static FILL_SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(FILL));

pub(super) fn fill<'a>(
    key: &str,
    version: i64,
    value: &str,
    ttl: Duration,
) -> ScriptInvocation<'a> {
    let mut call = FILL_SCRIPT.prepare_invoke();
    call.key(key).arg(version).arg(value).arg(millis(ttl));
    call
}

/// Queues a tombstone. Uses `EVAL`, because a pipeline cannot load a script that `EVALSHA` misses.
pub(super) fn write_tombstone(pipe: &mut Pipeline, key: &str, version: i64, ttl: Duration) {
    pipe.cmd("EVAL").arg(TOMBSTONE).arg(1).arg(key).arg(version).arg(millis(ttl)).ignore();
}

fn millis(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX)
}
