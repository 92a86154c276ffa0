-- Drop an agent's queue and its leases.
--
-- KEYS  1 waiting  2 leases  3 book
return redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
