-- Read a channel's stream and its top.
--
-- KEYS  1 meta  2 stream
-- ARGV  1 epoch, if one must begin  2 life of meta (ms)  3 offset after which to read, or "" for the newest
--       4 most entries to return  5 offset whose mark is asked for (0: none)
-- Returns {epoch, offset of the top, time (ms), mark at offset 5 or "", entries oldest first: {id, ends, body}...}.
local meta = redis.call('HMGET', KEYS[1], 'e', 'o')
local epoch, top = meta[1], tonumber(meta[2])
if not epoch then
  epoch, top = ARGV[1], 0
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'e', epoch, 'o', 0)
end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function expire()
  while true do
    local page = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 64)
    if #page == 0 then return end
    for number, entry in ipairs(page) do
      if tonumber(entry[2][2]) > now then
        if number > 1 then redis.call('XTRIM', KEYS[2], 'MINID', entry[1]) end
        return
      end
    end
    local last = string.match(page[#page][1], '^(%d+)')
    redis.call('XTRIM', KEYS[2], 'MINID', string.format('%.0f-0', tonumber(last) + 1))
  end
end
expire()

local limit = tonumber(ARGV[4])
local found = {}
if limit > 0 then
  if ARGV[3] == '' then
    local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', limit)
    for number = #newest, 1, -1 do found[#found + 1] = newest[number] end
  else
    local from = string.format('%.0f-0', tonumber(ARGV[3]) + 1)
    found = redis.call('XRANGE', KEYS[2], from, '+', 'COUNT', limit)
  end
end

local mark = ''
if ARGV[5] ~= '0' then
  local there = redis.call('XRANGE', KEYS[2], ARGV[5], ARGV[5], 'COUNT', 1)
  if #there > 0 then mark = string.match(there[1][1], '-(%d+)$') end
end

local entries = {}
for number, entry in ipairs(found) do entries[number] = {entry[1], entry[2][2], entry[2][4]} end
return {epoch, top, now, mark, entries}
