-- Give a publication its offset, add it to history and fan it out: one atomic step, done once however often it is sent.
--
-- KEYS  1 meta (hash: e epoch, o offset, v version)  2 stream  3 what this publisher did last  4 idempotency key
-- ARGV  1 number of this publish, rising per publisher  2 number of the publisher's last one on this channel (0: any)
--       3 mark (the publication's own random number)  4 epoch, if one must begin
--       5 history size  6 history age (ms)  7 life of meta (ms)  8 life of key 3 (ms)
--       9 life of key 4 (ms; 0: no idempotency key)  10 version (0: none)  11 channel  12 PUBLISH or SPUBLISH  13 body
-- Returns {outcome, epoch, offset}: 0 published, 1 duplicate, 2 superseded. Without history the epoch is "". Or
-- {3, '', number}: nothing was done, since the one before hadn't been; the number is the last that had.
local number = tonumber(ARGV[1])
local last = redis.call('GET', KEYS[3])
if last then
  local done, outcome, offset, epoch = string.match(last, '^(%d+) (%d) (%d+) (.*)$')
  done = tonumber(done)
  if done == number then
    return {tonumber(outcome), epoch, tonumber(offset)}
  end
  if done > number then
    -- Sent again after later ones had been done as well: found by its mark as long as it is kept.
    local ids = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1000)
    for _, entry in ipairs(ids) do
      local place, mark = string.match(entry[1], '^(%d+)-(%d+)$')
      if mark == ARGV[3] then
        return {0, redis.call('HGET', KEYS[1], 'e') or '', tonumber(place)}
      end
    end
    return {0, '', 0}
  end
  if ARGV[2] ~= '0' and done ~= tonumber(ARGV[2]) then
    return {3, '', done}
  end
elseif ARGV[2] ~= '0' then
  -- The one before has not been done, or that is forgotten: the publisher knows which, and sends this again as a first.
  return {3, '', 0}
end

local function answer(outcome, epoch, offset)
  redis.call('SET', KEYS[3], string.format('%.0f %d %.0f %s', number, outcome, offset, epoch), 'PX', ARGV[8])
  return {outcome, epoch, offset}
end

if ARGV[9] ~= '0' then
  local known = redis.call('GET', KEYS[4])
  if known then
    local offset, epoch = string.match(known, '^(%d+) (.*)$')
    return answer(1, epoch, tonumber(offset))
  end
end

local keep = tonumber(ARGV[5])
local version = tonumber(ARGV[10])
local epoch, offset = '', 0
if keep > 0 or version > 0 then
  local meta = redis.call('HMGET', KEYS[1], 'e', 'o', 'v')
  epoch, offset = meta[1], tonumber(meta[2])
  if not epoch then
    epoch, offset = ARGV[4], 0
    redis.call('DEL', KEYS[2])
  end
  if version > 0 then
    if meta[3] and version <= tonumber(meta[3]) then
      if keep == 0 then epoch, offset = '', 0 end
      return answer(2, epoch, offset)
    end
    redis.call('HSET', KEYS[1], 'e', epoch, 'o', offset, 'v', ARGV[10])
    redis.call('PEXPIRE', KEYS[1], ARGV[7])
  end
end

local header
if keep > 0 then
  local time = redis.call('TIME')
  local ends = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[6]))
  offset = offset + 1
  local id = string.format('%.0f-%s', offset, ARGV[3])
  redis.call('HSET', KEYS[1], 'e', epoch, 'o', offset)
  redis.call('PEXPIRE', KEYS[1], ARGV[7])
  redis.call('XADD', KEYS[2], 'MAXLEN', keep, id, 'x', ends, 'b', ARGV[13])
  redis.call('PEXPIRE', KEYS[2], ARGV[6])
  header = epoch .. ' ' .. id .. ' ' .. ends .. '\n'
else
  epoch, offset = '', 0
  header = ' 0-' .. ARGV[3] .. ' 0\n'
end
redis.call(ARGV[12], ARGV[11], header .. ARGV[13])
if ARGV[9] ~= '0' then
  redis.call('SET', KEYS[4], string.format('%.0f %s', offset, epoch), 'PX', ARGV[9])
end
return answer(0, epoch, offset)
