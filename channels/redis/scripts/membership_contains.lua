-- Tell whether a user was added to a channel.
--
-- KEYS  1 members (set)
-- ARGV  1 user
return redis.call('SISMEMBER', KEYS[1], ARGV[1])
