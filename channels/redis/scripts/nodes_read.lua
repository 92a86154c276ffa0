-- What the processes that are alive said last.
--
-- KEYS  1 nodes (zset: process -> end of its lease, ms)  2 reports (hash: process -> JSON)
-- Returns process, report, process, report, ...
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local found = {}
for _, node in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%.0f', now), '+inf')) do
  found[#found + 1] = node
  found[#found + 1] = redis.call('HGET', KEYS[2], node) or '{}'
end
return found
