-- Put a task in an agent's queue.
--
-- KEYS  1 waiting (zset: task -> order)  2 leases (zset: task -> end, ms)
--       3 book (hash: n number of the last task, mean ms that tasks take, task -> "since mark node" of who has it)
-- ARGV  1 task  2 order of its priority  3 most tasks that wait  4 life of the keys (ms)
-- Returns {1, tasks before it}, also when it is there already; {0, mean} when there is no room.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = redis.call('ZSCORE', KEYS[2], ARGV[1])
if lease then
  if tonumber(lease) > now then return {1, 0} end
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('HDEL', KEYS[3], ARGV[1])
end
local place = redis.call('ZRANK', KEYS[1], ARGV[1])
if place then return {1, place} end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then
  return {0, math.floor(tonumber(redis.call('HGET', KEYS[3], 'mean') or 0))}
end
local number = redis.call('HINCRBY', KEYS[3], 'n', 1)
redis.call('ZADD', KEYS[1], string.format('%.0f', tonumber(ARGV[2]) + number), ARGV[1])
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[4]) end
return {1, redis.call('ZRANK', KEYS[1], ARGV[1])}
