//! The limiter's Lua scripts. Each runs atomically, by the clock of Redis.

use std::{sync::LazyLock, time::Duration};

use redis::Script;

use super::Verdict;

/// Reads and writes a bucket. A value that is not a number counts as an empty bucket; one beyond the
/// bounds of the limit, for example after the limit was lowered, is clamped.
const READ: &str = r"
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function read(key, most)
  local known = redis.pcall('GET', key)
  local tat = type(known) == 'string' and tonumber(known)
  if not (tat and tat > now) then return now end
  return math.min(tat, now + most)
end
local function write(key, tat)
  redis.call('SET', key, string.format('%.0f', tat), 'PX', math.ceil(tat - now) + 1)
end
";

/// `KEYS`: buckets; `ARGV`: interval in ms and burst of each. Returns `{allowed, tightest bucket,
/// remaining, retry after ms, reset after ms}`. The arithmetic is that of [`super::local`].
const DECIDE_LUA: &str = r"
local allowed, tightest, left, retry, reset, tats = 1, 1, nil, 0, 0, {}
for i, key in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local tat = read(key, interval * burst)
  local next_tat = tat + interval
  local over = next_tat - now - interval * burst
  local remaining = math.max(0, math.floor(-over / interval))
  if over > 0 then
    if allowed == 1 or over > retry then tightest, retry, reset, left = i, over, tat - now, 0 end
    allowed = 0
  elseif allowed == 1 and (left == nil or remaining < left) then
    tightest, left, reset = i, remaining, next_tat - now
  end
  tats[i] = next_tat
end
if allowed == 1 then
  for i, key in ipairs(KEYS) do write(key, tats[i]) end
end
return {allowed, tightest, left or 0, math.ceil(retry), math.ceil(reset)}
";

/// `KEYS`, `ARGV`: as in [`DECIDE_LUA`].
const REFUND_LUA: &str = r"
for i, key in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local tat = read(key, interval * burst) - interval
  if tat > now then write(key, tat) else redis.call('DEL', key) end
end
return 1
";

pub(super) static DECIDE: LazyLock<Script> =
    LazyLock::new(|| Script::new(&[READ, DECIDE_LUA].concat()));
pub(super) static REFUND: LazyLock<Script> =
    LazyLock::new(|| Script::new(&[READ, REFUND_LUA].concat()));

/// The verdict of [`DECIDE`].
pub(super) fn verdict(
    (allowed, tightest, remaining, retry_ms, reset_ms): (u8, usize, u32, u64, u64),
) -> Verdict {
    Verdict {
        is_allowed: allowed == 1,
        tightest: tightest.saturating_sub(1),
        remaining,
        retry_after: Duration::from_millis(retry_ms),
        reset_after: Duration::from_millis(reset_ms),
    }
}
