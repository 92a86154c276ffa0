-- Take a task out of an agent's queue.
--
-- KEYS  1 waiting (zset: task -> order)
-- ARGV  1 task
-- Returns 1, or 0 if it doesn't wait there.
return redis.call('ZREM', KEYS[1], ARGV[1])
