import { CacheError, isCacheError } from '@cache/ports'
import type {
  BackendCapabilities,
  BackendContext,
  BackendHealth,
  CacheBackend,
  EntryStore,
  StoreOptions,
} from '@cache/ports'
import type { FamilyClient, FamilyLibrary } from './client/family.ts'
import { openClient } from './client/open-client.ts'
import type { RespClient } from './client/resp-client.ts'
import { CallerScript } from './caller-script.ts'
import { Connections } from './connections.ts'
import { closedError } from './errors.ts'
import { describeHealth } from './health.ts'
import { KeyLayout, registryKey, slotOf } from './key-layout.ts'
import { Namespace } from './namespace.ts'
import { PartitionedStore } from './partitioned-store.ts'
import { type RespOptions, respSettings, type RespSettings } from './resp-options.ts'
import { type RespScripts, respScripts } from './resp-scripts.ts'
import { RespStore } from './resp-store.ts'
import { replyList, replyText } from './server-info.ts'

/** What a started backend works with. */
interface Started {
  readonly context: BackendContext
  readonly connections: Connections
}

/** Caches on a server, a cluster or a Sentinel setup that speaks the Redis protocol. */
export class RespBackend implements CacheBackend {
  readonly name: string
  readonly capabilities: BackendCapabilities = {
    shared: 'network',
    persistent: true,
    blocking: false,
    transactional: false,
    publishes: true,
  }
  readonly #settings: RespSettings
  readonly #client: RespClient
  readonly #scripts: RespScripts
  readonly #namespaces = new Map<string, Namespace>()
  readonly #stores = new Map<string, EntryStore>()
  #started: Started | undefined
  #closing: Promise<void> | undefined

  /** @throws CacheError `INVALID_OPTION`, `INVALID_TTL` */
  constructor(options: RespOptions, library: FamilyLibrary) {
    this.name = library.name
    this.#settings = respSettings(library.name, options)
    this.#client = openClient(options, this.#settings, library)
    this.#scripts = respScripts(this.#client.isCluster)
  }

  /** The client of the library, for connections of others to the same servers. It is not to be closed. */
  get client(): FamilyClient {
    return this.#client.family
  }

  /** Connects, and learns who answers. Without a server it rejects, unless `startWithoutServer` was set. */
  async start(context: BackendContext): Promise<void> {
    this.#refuseClosed()
    const { commandTimeoutMs: timeoutMs, maxPending, startWithoutServer } = this.#settings
    const scripts = Object.values(this.#scripts)
    const connections = new Connections(this.#client, context, scripts, { timeoutMs, maxPending })
    this.#started = { context, connections }
    try {
      await connections.connect()
    } catch (error) {
      if (startWithoutServer && isTransient(error)) {
        context.report('No server can be reached yet: caches load without it, and it is tried again', error)
        return
      }
      await this.close()
      throw error
    }
  }

  store(options: StoreOptions): EntryStore {
    this.#refuseClosed()
    const id = `${options.version}:${options.cache}`
    const known = this.#stores.get(id)
    if (known) return known
    const store = this.#openStore(options)
    this.#stores.set(id, store)
    return store
  }

  async cacheNames(): Promise<readonly string[]> {
    const { context, connections } = this.#running()
    const key = registryKey(context.prefix)
    const reply = await connections.onNode(slotOf(key), (session) => session.send(() => ['hkeys', key]))
    return replyList(reply)
      .map((name) => replyText(name))
      .sort()
  }

  /**
   * A script of the caller's own, loaded when it first runs on a server and again when the server has lost it. Its keys are
   * used as they are given, and lie in one slot.
   */
  script(lua: string): CallerScript {
    return new CallerScript(lua, () => this.#running().connections)
  }

  async health(): Promise<BackendHealth> {
    return describeHealth(this.#running().connections.sessions(), this.#settings.trust)
  }

  close(): Promise<void> {
    this.#closing ??= this.#started?.connections.close() ?? this.#client.close()
    return this.#closing
  }

  #openStore(options: StoreOptions): EntryStore {
    const { partitions } = this.#settings
    const home = new RespStore(this.#namespaceOf(options.cache), this.#scripts, options)
    if (partitions === 1) return home
    const { maxEntries, maxBytes } = options
    const share = {
      ...options,
      maxEntries: Math.ceil(maxEntries / partitions),
      maxBytes: Math.ceil(maxBytes / partitions),
    }
    const parts = Array.from(
      { length: partitions },
      (_, part) => new RespStore(this.#namespaceOf(options.cache, part), this.#scripts, share),
    )
    return new PartitionedStore(home, parts)
  }

  #namespaceOf(cache: string, partition?: number): Namespace {
    const layout = new KeyLayout(this.#running().context.prefix, cache, partition)
    const known = this.#namespaces.get(layout.state)
    if (known) return known
    const { context, connections } = this.#running()
    const namespace = new Namespace({
      layout,
      connections,
      scripts: this.#scripts,
      context,
      timeoutMs: this.#settings.commandTimeoutMs,
      trust: this.#settings.trust,
      register: async () => (partition === undefined ? this.#register(cache) : undefined),
    })
    this.#namespaces.set(layout.state, namespace)
    return namespace
  }

  /** All processes have to agree on the partitions of a cache: they would look for its entries in different places. */
  async #register(cache: string): Promise<void> {
    const { context, connections } = this.#running()
    const key = registryKey(context.prefix)
    const ours = String(this.#settings.partitions)
    const theirs = await connections.onNode(slotOf(key), async (session) => {
      await session.send(() => ['hsetnx', key, cache, ours])
      return replyText(await session.send(() => ['hget', key, cache]))
    })
    if (theirs === ours) return
    throw new CacheError(
      'INVALID_OPTION',
      `partitions is ${ours} here and ${theirs} in the process that used the cache '${cache}' first: give all the same, ` +
        `or stop all and remove its field of the hash ${key}`,
    )
  }

  #running(): Started {
    this.#refuseClosed()
    if (this.#started) return this.#started
    throw new CacheError(
      'BACKEND_UNREACHABLE',
      `@cache/${this.name} has not been started: call start() first`,
    )
  }

  #refuseClosed(): void {
    if (this.#closing) throw closedError()
  }
}

/** A server that may come, rather than one that will never let us in. */
function isTransient(error: unknown): boolean {
  return isCacheError(error, 'BACKEND_UNREACHABLE') || isCacheError(error, 'BACKEND_TIMEOUT')
}
