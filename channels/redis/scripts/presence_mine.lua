-- The sessions that one process is noted with on a channel.
--
-- KEYS  1 sessions of this process (hash)
return redis.call('HKEYS', KEYS[1])
