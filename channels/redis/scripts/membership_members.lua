-- All users that were added to a channel.
--
-- KEYS  1 members (set)
return redis.call('SMEMBERS', KEYS[1])
