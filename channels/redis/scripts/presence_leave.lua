-- Sessions of one process have left a channel.
--
-- KEYS  1 presence (zset: process -> end of its lease, ms)
--       2 users (hash: user -> sessions)  3 sessions of this process (hash: session -> [client, user, since])
-- ARGV  1 process  2 PUBLISH or SPUBLISH  3 topic  4.. sessions
-- Returns how many of them were there.
local gone = 0
for place = 4, #ARGV do
  local session = ARGV[place]
  local member = redis.call('HGET', KEYS[3], session)
  if member then
    gone = gone + 1
    redis.call('HDEL', KEYS[3], session)
    local user = cjson.decode(member)[2]
    if user ~= cjson.null and redis.call('HINCRBY', KEYS[2], user, -1) <= 0 then
      redis.call('HDEL', KEYS[2], user)
    end
    redis.call(ARGV[2], ARGV[3], 'leave\n' .. session .. '\n' .. member)
  end
end
if redis.call('EXISTS', KEYS[3]) == 0 then redis.call('ZREM', KEYS[1], ARGV[1]) end
return gone
