-- Begin another epoch with what is kept: the server has lost publications that it had acknowledged, so offsets of the
-- old epoch may stand for other publications now. Done once, whoever notices.
--
-- KEYS  1 meta
-- ARGV  1 the epoch that has become doubtful  2 the new one
if redis.call('HGET', KEYS[1], 'e') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'e', ARGV[2])
return 1
