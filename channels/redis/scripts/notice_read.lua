-- Read the notices that were posted after another one, in the order of posting.
--
-- KEYS  1 notices (zset: notice -> end, seconds since 1970)  2 order (zset: notice -> number of its posting)
--       3 board (hash: e epoch, n number of the last posting)
-- ARGV  1 number after which to read  2 most notices to return
-- Returns {epoch, number of the last posting, notice, number, end, notice, number, end, ...}; the epoch is "" when
-- nothing was ever posted.
local board = redis.call('HMGET', KEYS[3], 'e', 'n')
local found = {board[1] or '', tonumber(board[2] or 0)}
local order = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
for place = 1, #order, 2 do
  found[#found + 1] = order[place]
  found[#found + 1] = tonumber(order[place + 1])
  found[#found + 1] = redis.call('ZSCORE', KEYS[1], order[place])
end
return found
