-- Drop a channel's history. The next publication or reading begins another epoch.
--
-- KEYS  1 meta  2 stream
return redis.call('DEL', KEYS[1], KEYS[2])
