-- Take an agent's next task, unless as many are at work as may be. Leases that have ended give their places back.
--
-- KEYS  1 waiting (zset: task -> order)  2 leases (zset: task -> end, ms)
--       3 book (hash: n number of the last task, mean ms that tasks take, task -> "since mark node" of who has it)
-- ARGV  1 process  2 mark of this call (random)  3 lease (ms)  4 most tasks at work  5 life of the keys (ms)
-- Returns the task, the same when the call is repeated; or nil.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, task in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now))) do
  redis.call('ZREM', KEYS[2], task)
  redis.call('HDEL', KEYS[3], task)
end
local held = redis.call('ZRANGE', KEYS[2], 0, -1)
for _, task in ipairs(held) do
  local mark = string.match(redis.call('HGET', KEYS[3], task) or '', '^%d+ (%S+) ')
  if mark == ARGV[2] then return task end
end
if #held >= tonumber(ARGV[4]) then return nil end
local task = redis.call('ZPOPMIN', KEYS[1])[1]
if not task then return nil end
redis.call('ZADD', KEYS[2], string.format('%.0f', now + tonumber(ARGV[3])), task)
redis.call('HSET', KEYS[3], task, string.format('%.0f %s %s', now, ARGV[2], ARGV[1]))
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[5]) end
return task
