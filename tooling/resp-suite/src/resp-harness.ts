import { type BackendHarness, forwardingBackend } from '@cache/conformance'
import type { CacheBackend } from '@cache/core'

let fixtures = 0

/**
 * The harness for a backend over a server that is shared by all cases: each has a prefix of its own. `cleanup` ends what
 * `open` made besides the backend.
 */
export function respHarness(
  name: string,
  open: () => CacheBackend,
  cleanup?: () => Promise<void>,
): BackendHarness {
  return {
    name,
    capabilities: {
      shared: 'network',
      persistent: true,
      blocking: false,
      transactional: false,
      publishes: true,
    },
    payloads: 'encoded',
    time: 'real',
    create: async () => {
      const prefix = `case${process.pid}-${++fixtures}`
      const make = (): CacheBackend => withPrefix(open(), prefix)
      return {
        backend: make(),
        second: async () => make(),
        reopen: async () => make(),
        cleanup: async () => cleanup?.(),
      }
    },
  }
}

/** The backend under another prefix than it is started with. */
export function withPrefix(backend: CacheBackend, prefix: string): CacheBackend {
  return {
    ...forwardingBackend(backend, (store) => store),
    start: (context) => backend.start({ ...context, prefix }),
  }
}
