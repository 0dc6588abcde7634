package redisstore

import "github.com/redis/go-redis/v9"

// Times in scripts are whole microseconds: Lua's numbers hold those exactly, and nanoseconds since 1970 not.

// take is GCRA's part in Redis: it gives the time that a bucket needs to be full, and adds what a call costs unless that
// would be more than the whole bucket; a cost of 0 only looks. What follows of it ports.Rate.Take works out, by the same arithmetic. The time is
// Redis's own, so that the clocks of replicas need not agree.
const take = `
local function take(bucket, cost, unit, full)
  local time = redis.call('TIME')
  local now = time[1] * 1000000 + time[2]
  local missing = math.min(math.max(tonumber(redis.call('GET', bucket) or '0') - now, 0), full)
  local after = missing + cost * unit
  if cost > 0 and after <= full then
    redis.call('SET', bucket, string.format('%.0f', now + after), 'PX', math.ceil(after / 1000))
  end
  return missing
end
`

// taking is a Limiter's call. KEYS: the bucket. ARGV: cost, unit, full. It gives what was missing.
var taking = redis.NewScript(take + `return take(KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]))`)

// admitting reads a token and takes a request's cost. KEYS: the token. ARGV: the caller's time, cost, and the unit and
// the full of an organisation that has no limit of its own. It gives nothing, or the token, the organisation's limit, how
// often its schemas have changed, what was missing in its bucket, and whether its provisioning rests.
var admitting = redis.NewScript(take + `
local t = redis.call('HMGET', KEYS[1], 'token', 'expires', 'client', 'organisation', 'bucket', 'secret')
if not t[1] or tonumber(t[2]) <= tonumber(ARGV[1]) or redis.call('EXISTS', t[3], t[6] or t[3]) > 0 then
  return false
end
local o = redis.call('HMGET', t[4], 'blocked', 'limit', 'unit', 'full', 'schemas', 'paused')
if o[1] then
  return false
end
local cost, unit, full = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if o[2] and o[2] ~= '0' then
  unit, full = tonumber(o[3]), tonumber(o[4])
end
local missing = 0
if cost > 0 and unit > 0 then
  missing = take(t[5], cost, unit, full)
end
return {t[1], tonumber(o[2] or '0'), tonumber(o[5] or '0'), missing, tonumber(o[6] or '0')}
`)

// putting keeps a token, unless those of its client or its secret were ended. KEYS: the token, its client, its organisation,
// its secret. ARGV: the
// token, when it expires, its bucket, its life in milliseconds, and its organisation's limit, unit and full, and schemas, and whether
// its provisioning rests, which count where nobody has said otherwise.
var putting = redis.NewScript(`
if redis.call('EXISTS', KEYS[2], KEYS[4]) > 0 then
  return 0
end
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'expires', ARGV[2], 'client', KEYS[2], 'organisation', KEYS[3], 'bucket', ARGV[3], 'secret', KEYS[4])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
if ARGV[5] ~= '0' and redis.call('HEXISTS', KEYS[3], 'limit') == 0 then
  redis.call('HSET', KEYS[3], 'limit', ARGV[5], 'unit', ARGV[6], 'full', ARGV[7])
end
if ARGV[8] ~= '0' then
  redis.call('HSETNX', KEYS[3], 'schemas', ARGV[8])
end
if ARGV[9] ~= '0' then
  redis.call('HSETNX', KEYS[3], 'paused', ARGV[9])
end
return 1
`)

// forgetting deletes those of some tokens that are an organisation's. KEYS: the organisation, the tokens.
var forgetting = redis.NewScript(`
for i = 2, #KEYS do
  if redis.call('HGET', KEYS[i], 'organisation') == KEYS[1] then
    redis.call('DEL', KEYS[i])
  end
end
return 0
`)
