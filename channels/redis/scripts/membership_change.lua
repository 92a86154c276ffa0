-- Add a user to a channel, or remove it.
--
-- KEYS  1 members (set)
-- ARGV  1 user  2 most members of a channel; 0 removes
-- Returns 1, or 0 if the channel is full.
if ARGV[2] == '0' then
  redis.call('SREM', KEYS[1], ARGV[1])
  return 1
end
if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 1 then return 1 end
if redis.call('SCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
return redis.call('SADD', KEYS[1], ARGV[1])
