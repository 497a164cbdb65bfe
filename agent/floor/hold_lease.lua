-- Takes or renews a lease: mine, or nobody's. A Redis that came back empty has
-- nobody's, so that holders keep what they have.
-- KEYS lease   ARGV owner, milliseconds
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
