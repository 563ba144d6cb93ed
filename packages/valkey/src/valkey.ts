import { type FamilyLibrary, RespBackend, type RespOptions } from '@cache/resp'
import { type Cluster as ClusterClient, Cluster, Command, Redis } from 'iovalkey'

/** A client or a cluster of iovalkey. */
export type ValkeyClient = Redis | ClusterClient

export type ValkeyOptions = RespOptions<ValkeyClient>

const library: FamilyLibrary = {
  name: 'valkey',
  connection: (options) => new Redis(options),
  cluster: (nodes, options) => new Cluster([...nodes], options),
  command: (name, args) => new Command(name, [...args], { replyEncoding: null }),
}

/**
 * Caches on Valkey: one server, Sentinel, a cluster, or a client of your own.
 *
 * @throws CacheError `INVALID_OPTION`, `INVALID_TTL`
 */
export function valkey(options: ValkeyOptions): RespBackend {
  return new RespBackend(options, library)
}
