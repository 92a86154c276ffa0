-- Renew leases of one process. One that has ended, or that Redis has lost, begins again unless somebody has offered its
-- task again: what is at work counts.
--
-- KEYS  1 waiting (zset: task -> order)  2 leases (zset: task -> end, ms)
--       3 book (hash: n number of the last task, mean ms that tasks take, task -> "since mark node" of who has it)
-- ARGV  1 process  2 lease (ms)  3 life of the keys (ms)  4.. tasks
-- Returns those that it holds.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, task in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now))) do
  redis.call('ZREM', KEYS[2], task)
  redis.call('HDEL', KEYS[3], task)
end
local till = string.format('%.0f', now + tonumber(ARGV[2]))
local held = {}
for place = 4, #ARGV do
  local task = ARGV[place]
  local known = redis.call('HGET', KEYS[3], task)
  local mine = known and string.match(known, '^%d+ %S+ (.*)$') == ARGV[1]
  if not known and not redis.call('ZSCORE', KEYS[1], task) then
    mine = true
    redis.call('HSET', KEYS[3], task, string.format('%.0f - %s', now, ARGV[1]))
  end
  if mine then
    redis.call('ZADD', KEYS[2], till, task)
    held[#held + 1] = task
  end
end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[3]) end
return held
