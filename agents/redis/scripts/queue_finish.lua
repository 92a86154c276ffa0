-- Let go of a task that was taken, and note how long it took.
--
-- KEYS  1 leases (zset: task -> end, ms)
--       2 book (hash: n number of the last task, mean ms that tasks take, task -> "since mark node" of who has it)
-- ARGV  1 task  2 weight of the newest task in the mean
-- Returns 1, or 0 if nobody had it.
local known = redis.call('HGET', KEYS[2], ARGV[1])
if not known then return 0 end
local time = redis.call('TIME')
local took = time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(string.match(known, '^%d+'))
local mean = tonumber(redis.call('HGET', KEYS[2], 'mean') or took)
redis.call('HSET', KEYS[2], 'mean', string.format('%.0f', mean + tonumber(ARGV[2]) * (took - mean)))
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[1], ARGV[1])
return 1
