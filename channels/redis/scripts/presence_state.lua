-- Who is on a channel, at this moment. Sessions of processes whose lease has ended are not.
--
-- KEYS  1 presence (zset: process -> end of its lease, ms)
--       2 users (hash: user -> sessions)
-- ARGV  1 1: with the members
-- Returns {sessions, users, per process {session, [client, user, since], ...}...}.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local clients, live, ended = 0, {}, false
local nodes = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for place = 1, #nodes, 2 do
  if tonumber(nodes[place + 1]) > now then
    live[#live + 1] = KEYS[1] .. ':' .. nodes[place]
    clients = clients + redis.call('HLEN', live[#live])
  else
    ended = true
  end
end

local users = 0
if ended then
  -- The counts hold those of processes that nobody has buried yet.
  local seen = {}
  for _, sessions in ipairs(live) do
    for _, member in ipairs(redis.call('HVALS', sessions)) do
      local user = cjson.decode(member)[2]
      if user ~= cjson.null and not seen[user] then
        seen[user] = true
        users = users + 1
      end
    end
  end
else
  users = redis.call('HLEN', KEYS[2])
end

local found = {clients, users}
if ARGV[1] == '1' then
  for _, sessions in ipairs(live) do found[#found + 1] = redis.call('HGETALL', sessions) end
end
return found
