-- One process is alive, on each of several channels of one slot. Processes whose lease has ended are taken for dead:
-- their sessions have left, which is told once, by whoever comes first.
--
-- KEYS  per channel: presence (zset: process -> end of its lease, ms)  users (hash:
--       user -> sessions)  sessions of this process (hash: session -> [client, user, since])
-- ARGV  1 process  2 lease (ms)  3 life of the keys (ms)  4 sessions of dead processes to remove before stopping; 0: none
--       5 PUBLISH or SPUBLISH  6.. topic of each channel
-- Returns per channel how many sessions of this process are there; -1 if it isn't known there, and must join again.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local till = string.format('%.0f', now + tonumber(ARGV[2]))
local budget = tonumber(ARGV[4])

local function count_users(presence, users)
  redis.call('DEL', users)
  for _, node in ipairs(redis.call('ZRANGE', presence, 0, -1)) do
    for _, member in ipairs(redis.call('HVALS', presence .. ':' .. node)) do
      local user = cjson.decode(member)[2]
      if user ~= cjson.null then redis.call('HINCRBY', users, user, 1) end
    end
  end
  redis.call('PEXPIRE', users, ARGV[3])
end

local function bury(presence, users, topic)
  local dead = redis.call('ZRANGEBYSCORE', presence, '-inf', now, 'LIMIT', 0, 16)
  for _, node in ipairs(dead) do
    local sessions = redis.call('HGETALL', presence .. ':' .. node)
    redis.call('DEL', presence .. ':' .. node)
    redis.call('ZREM', presence, node)
    for place = 1, #sessions, 2 do
      redis.call(ARGV[5], topic, 'leave\n' .. sessions[place] .. '\n' .. sessions[place + 1])
    end
    budget = budget - #sessions / 2
  end
  if #dead > 0 then count_users(presence, users) end
end

local there = {}
for place = 1, #KEYS, 3 do
  local presence, users, sessions = KEYS[place], KEYS[place + 1], KEYS[place + 2]
  if not redis.call('ZSCORE', presence, ARGV[1]) then
    there[#there + 1] = -1
  else
    redis.call('ZADD', presence, till, ARGV[1])
    redis.call('PEXPIRE', presence, ARGV[3])
    redis.call('PEXPIRE', users, ARGV[3])
    redis.call('PEXPIRE', sessions, ARGV[3])
    there[#there + 1] = redis.call('HLEN', sessions)
  end
  if budget > 0 then bury(presence, users, ARGV[5 + #there]) end
end
return there
