export { redis, type RedisClient, type RedisOptions } from './redis.ts'
