import type { CacheBackend, EntryStore, StoreOptions } from '@cache/core'

/** A store that passes every call on: spread it and replace what a decorator changes. */
export function forwardingStore(store: EntryStore): EntryStore {
  return {
    payloads: store.payloads,
    local: store.local,
    read: (keys) => store.read(keys),
    acquire: (key, request) => store.acquire(key, request),
    renew: (key, lease, leaseMs) => store.renew(key, lease, leaseMs),
    fill: (key, lease, entry) => store.fill(key, lease, entry),
    release: (key, lease, end) => store.release(key, lease, end),
    change: (changes) => store.change(changes),
    scan: (request) => store.scan(request),
    count: () => store.count(),
    changesSince: (stamp) => store.changesSince(stamp),
    purge: (limit) => store.purge(limit),
    step: store.step?.bind(store),
    unchangedSince: store.unchangedSince && ((stamp) => store.unchangedSince?.(stamp) ?? false),
    leaseEnded: store.leaseEnded && (async (key, withinMs) => store.leaseEnded?.(key, withinMs)),
  }
}

/** A backend that passes every call on and decorates its stores, each once. */
export function forwardingBackend(
  backend: CacheBackend,
  decorate: (store: EntryStore, options: StoreOptions) => EntryStore,
): CacheBackend {
  const decorated = new Map<EntryStore, EntryStore>()
  return {
    name: backend.name,
    capabilities: backend.capabilities,
    start: (context) => backend.start(context),
    store: (options) => {
      const store = backend.store(options)
      const known = decorated.get(store) ?? decorate(store, options)
      decorated.set(store, known)
      return known
    },
    cacheNames: () => backend.cacheNames(),
    health: () => backend.health(),
    close: () => backend.close(),
  }
}
