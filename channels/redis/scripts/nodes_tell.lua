-- Tell every process something.
--
-- KEYS  1 topic
-- ARGV  1 PUBLISH or SPUBLISH  2 message
-- Returns how many listen, this process included.
return redis.call(ARGV[1], KEYS[1], ARGV[2])
