-- Note sessions of one process on a channel.
--
-- KEYS  1 presence (zset: process -> end of its lease, ms)
--       2 users (hash: user -> sessions)  3 sessions of this process (hash: session -> [client, user, since])
-- ARGV  1 process  2 lease (ms)  3 life of the keys (ms)  4 PUBLISH or SPUBLISH  5 topic
--       6.. session, [client, user, since], ...
-- Returns 1 if the process was there before, 0 if not.
local time = redis.call('TIME')
for place = 6, #ARGV, 2 do
  local session, member = ARGV[place], ARGV[place + 1]
  if redis.call('HSETNX', KEYS[3], session, member) == 1 then
    local user = cjson.decode(member)[2]
    if user ~= cjson.null then redis.call('HINCRBY', KEYS[2], user, 1) end
    redis.call(ARGV[4], ARGV[5], 'join\n' .. session .. '\n' .. member)
  end
end
local till = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[2])
local new = redis.call('ZADD', KEYS[1], string.format('%.0f', till), ARGV[1])
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[3]) end
return 1 - new
