import { type FamilyLibrary, RespBackend, type RespOptions } from '@cache/resp'
import { type Cluster as ClusterClient, Cluster, Command, Redis } from 'ioredis'

/** A client or a cluster of ioredis. */
export type RedisClient = Redis | ClusterClient

export type RedisOptions = RespOptions<RedisClient>

const library: FamilyLibrary = {
  name: 'redis',
  connection: (options) => new Redis(options),
  cluster: (nodes, options) => new Cluster([...nodes], options),
  command: (name, args) => new Command(name, [...args], { replyEncoding: null }),
}

/**
 * Caches on Redis: one server, Sentinel, a cluster, or a client of your own.
 *
 * @throws CacheError `INVALID_OPTION`, `INVALID_TTL`
 */
export function redis(options: RedisOptions): RespBackend {
  return new RespBackend(options, library)
}
