-- Count a request against a limit within a sliding window.
--
-- KEYS  1 times (list: when the requests came that were let through, µs since 1970, oldest first)
-- ARGV  1 most requests in a window  2 window (µs)
-- Returns {requests in the window, µs until it is empty, µs until the next may come (0: this one may)}.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local oldest = tonumber(redis.call('LINDEX', KEYS[1], 0) or now)
while oldest <= now - window do
  redis.call('LPOP', KEYS[1])
  oldest = tonumber(redis.call('LINDEX', KEYS[1], 0) or now)
end
local used = redis.call('LLEN', KEYS[1])
if used >= limit then
  return {used, tonumber(redis.call('LINDEX', KEYS[1], -1)) + window - now, math.max(1, oldest + window - now)}
end
redis.call('RPUSH', KEYS[1], string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
return {used + 1, window, 0}
