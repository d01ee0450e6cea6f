//! What the server does in one go. Redis runs a script alone, so each of them is atomic.
//!
//! `KEYS[1]` is always the hash of the epoch: `epoch`, its name, and `fences`, how many were set in it. The other keys are orders,
//! hashes of `version`, `body` and `epoch` of what is kept, and `floor`, the highest fence. Numbers are doubles there, which are
//! exact up to 2^53; a version counts changes of one order.

use redis::Script;

/// Looks an order up, `KEYS[2]`. `ARGV[1]` is the run of the server, and `ARGV[2]` the name of a new epoch, should there be none
/// of this run. Answers epoch, fences and what is kept.
const GET: &str = r"
local mark = redis.call('HMGET', KEYS[1], 'epoch', 'fences')
if not mark[1] or string.sub(mark[1], 1, #ARGV[1]) ~= ARGV[1] then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'epoch', ARGV[2], 'fences', 0)
  mark = {ARGV[2], '0'}
end
local kept = redis.call('HMGET', KEYS[2], 'epoch', 'body')
return {mark[1], mark[2] or '0', kept[1] == mark[1] and kept[2]}
";

/// Keeps an order, `KEYS[2]`. `ARGV`: epoch and fences of the stamp, version, body, and how many milliseconds it lives.
const PUT: &str = r"
local mark = redis.call('HMGET', KEYS[1], 'epoch', 'fences')
local known = redis.call('HMGET', KEYS[2], 'version', 'floor')
local version = tonumber(ARGV[3])
if mark[1] ~= ARGV[1] then return end
if known[2] then
  if tonumber(known[2]) > version then return end
elseif (mark[2] or '0') ~= ARGV[2] then
  return
end
if known[1] and tonumber(known[1]) > version then return end
redis.call('HSET', KEYS[2], 'version', ARGV[3], 'body', ARGV[4], 'epoch', ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
";

/// Sets fences on the orders `KEYS[2..]`. `ARGV[1]` is how many milliseconds they live, `ARGV[i]` the version for `KEYS[i]`. What
/// is below goes first: a server that is full may still delete.
const FENCE: &str = r"
local floors = {}
for i = 2, #KEYS do
  local known = redis.call('HMGET', KEYS[i], 'version', 'floor')
  local floor = math.max(tonumber(ARGV[i]), tonumber(known[2] or 0))
  if not known[1] or tonumber(known[1]) < floor then redis.call('DEL', KEYS[i]) end
  floors[i] = string.format('%.0f', floor)
end
redis.call('HINCRBY', KEYS[1], 'fences', 1)
for i = 2, #KEYS do
  redis.call('HSET', KEYS[i], 'floor', floors[i])
  redis.call('PEXPIRE', KEYS[i], ARGV[1])
end
";

/// The scripts, with their hashes: the server is only told a script that it does not know.
pub(crate) struct Scripts {
    pub get: Script,
    pub put: Script,
    pub fence: Script,
}

impl Scripts {
    pub fn new() -> Self {
        Self { get: Script::new(GET), put: Script::new(PUT), fence: Script::new(FENCE) }
    }
}
