-- Put up notices. One that is up already stays until the later of both ends.
--
-- KEYS  1 notices (zset: notice -> end, seconds since 1970)  2 order (zset: notice -> number of its posting)
--       3 board (hash: e epoch, n number of the last posting)
-- ARGV  1 epoch, if one must begin  2 most notices  3 how long an ended notice stays, for clocks that differ (s)
--       4 PUBLISH or SPUBLISH  5 topic  6.. notice, end, ...
-- Returns how many were put up or were up already: the first that finds no room, and all after it, are left out.
local time = redis.call('TIME')
local now = tonumber(time[1])
local ended = string.format('%.0f', now - tonumber(ARGV[3]))
while true do
  local old = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ended, 'LIMIT', 0, 1000)
  if #old == 0 then break end
  redis.call('ZREM', KEYS[1], unpack(old))
  redis.call('ZREM', KEYS[2], unpack(old))
end

local number = redis.call('HGET', KEYS[3], 'n')
if not number then
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[3], 'e', ARGV[1], 'n', 0)
  number = 0
end
number = tonumber(number)
local room = tonumber(ARGV[2]) - redis.call('ZCARD', KEYS[1])
local up = 0
for place = 6, #ARGV, 2 do
  local notice, till = ARGV[place], ARGV[place + 1]
  local known = redis.call('ZSCORE', KEYS[1], notice)
  if not known then
    if room <= 0 then break end
    room = room - 1
  end
  if not known or tonumber(till) > tonumber(known) then
    number = number + 1
    redis.call('ZADD', KEYS[1], till, notice)
    redis.call('ZADD', KEYS[2], string.format('%.0f', number), notice)
    redis.call(ARGV[4], ARGV[5], till .. ' ' .. notice)
  end
  up = up + 1
end
redis.call('HSET', KEYS[3], 'n', string.format('%.0f', number))

local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
if #last > 0 then
  local life = string.format('%.0f', 1000 * (tonumber(last[2]) - now + tonumber(ARGV[3]) + 1))
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, life) end
end
return up
