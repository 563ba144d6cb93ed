import { type BackendHarness, forwardingBackend } from '@cache/conformance'
import { type CacheBackend, systemClock } from '@cache/core'
import type { RespBackend } from '@cache/resp'

let fixtures = 0

/**
 * The harness for a backend over a server that is shared by all cases: each has a prefix of its own. `cleanup` ends what
 * `open` made besides the backend.
 */
export function respHarness(
  name: string,
  open: () => RespBackend,
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
    steps: true,
    loses: true,
    create: async () => {
      const prefix = `case${process.pid}-${++fixtures}`
      const make = (): CacheBackend => withPrefix(open(), prefix)
      return {
        backend: make(),
        second: async () => make(),
        reopen: async () => make(),
        lose: async () => {
          await loseAll(open(), prefix)
          return make()
        },
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

const loseKeys = `
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end
return redis.call('DBSIZE')`

/** Removes every key of the prefix from the server that holds the cache of the cases. */
async function loseAll(backend: RespBackend, prefix: string): Promise<void> {
  await backend.start({ prefix, clock: systemClock, report: () => {} })
  await backend.script(loseKeys).run({ keys: [`{${prefix}:cases}:state`], args: [`*${prefix}:*`] })
  await backend.close()
}
