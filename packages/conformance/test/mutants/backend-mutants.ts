import type { CacheBackend, StoreOptions } from '@cache/core'
import { forwardingBackend } from '../../src/index.ts'

/** Gives a correct backend one fault. */
export type BackendMutant = (backend: CacheBackend) => CacheBackend

function opening(changed: (options: StoreOptions) => StoreOptions): BackendMutant {
  return (backend) => ({
    ...forwardingBackend(backend, (store) => store),
    store: (options) => backend.store(changed(options)),
  })
}

export const backendMutants: Readonly<Record<string, BackendMutant>> = {
  'close leaves everything working': (backend) => ({
    ...forwardingBackend(backend, (store) => store),
    close: async () => {},
  }),
  'close cannot be called twice': (backend) => {
    let closed = false
    return {
      ...forwardingBackend(backend, (store) => store),
      close: async () => {
        if (closed) throw new Error('closed already')
        closed = true
        await backend.close()
      },
    }
  },
  'it declares more than it can': (backend) => ({
    ...forwardingBackend(backend, (store) => store),
    capabilities: { ...backend.capabilities, shared: 'network' },
  }),
  'a store is made anew each time': (backend) => ({
    ...forwardingBackend(backend, (store) => store),
    store: (options) => ({ ...forwardingBackend(backend, (store) => ({ ...store })).store(options) }),
  }),
  'the limit on entries is ignored': opening((options) => ({
    ...options,
    maxEntries: Number.POSITIVE_INFINITY,
  })),
  'the limit on bytes is ignored': opening((options) => ({ ...options, maxBytes: Number.POSITIVE_INFINITY })),
  'evictions are not reported': opening((options) => ({ ...options, onEvict: () => {} })),
  'expired entries are reported as evicted for room': opening((options) => ({
    ...options,
    onEvict: ({ count }) => options.onEvict({ count, reason: 'entries' }),
  })),
  'the version of a cache is ignored': opening((options) => ({ ...options, version: 1 })),
  'versions of a cache are caches of their own': opening((options) => ({
    ...options,
    cache: `${options.cache}@${options.version}`,
  })),
  'names of caches are compared without case': opening((options) => ({
    ...options,
    cache: options.cache.toLowerCase(),
  })),
  'the names of caches are not listed': (backend) => ({
    ...forwardingBackend(backend, (store) => store),
    cacheNames: async () => {
      await backend.cacheNames()
      return []
    },
  }),
  'it is never healthy': (backend) => ({
    ...forwardingBackend(backend, (store) => store),
    health: async () => ({ healthy: false, details: {}, warnings: [] }),
  }),
}
