-- How many of an agent's tasks wait, and how many are at work.
--
-- KEYS  1 waiting (zset: task -> order)  2 leases (zset: task -> end, ms)
-- Returns {waiting, at work}.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return {redis.call('ZCARD', KEYS[1]), redis.call('ZCOUNT', KEYS[2], '(' .. string.format('%.0f', now), '+inf')}
