-- Binds an agent to a waiting call if neither has changed since they were read,
-- and tells the call's controller.
-- KEYS agents, versions, waiting, inbox
-- ARGV agent, version read, new version, value, call, place read, new place, message, channel, change
if (redis.call('HGET', KEYS[2], ARGV[1]) or '0') ~= ARGV[2] then return 0 end
if redis.call('HGET', KEYS[3], ARGV[5]) ~= ARGV[6] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[4])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
redis.call('HSET', KEYS[3], ARGV[5], ARGV[7])
redis.call('RPUSH', KEYS[4], ARGV[8])
redis.call('PUBLISH', ARGV[9], ARGV[10])
return 1
