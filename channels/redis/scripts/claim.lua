-- Take something that may be had once.
--
-- KEYS  1 claim (text: the mark of who has it)
-- ARGV  1 mark of this claim (random)  2 life (ms)
-- Returns 1 if it is this claim's, also when it is asked again; 0 if somebody else has it.
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
if redis.call('GET', KEYS[1]) == ARGV[1] then return 1 end
return 0
