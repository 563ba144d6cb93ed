import { CacheError, type CacheBackend } from '@cache/ports'
import { channels } from '../events/channels.ts'
import { CacheAssembly } from './cache-assembly.ts'
import { CachesEngine } from './caches-engine.ts'
import type { Caches } from './caches.ts'
import { cachesSettings, type CachesOptions } from './caches-options.ts'

/**
 * Starts a backend and makes caches over it.
 *
 * @throws CacheError `INVALID_OPTION`, `INVALID_TTL`; what the backend, the transport or the protection say at
 *   their start. What had been started is closed again.
 */
export async function createCaches(options: CachesOptions): Promise<Caches> {
  const settings = cachesSettings(options)
  if (!isBackend(options.backend)) {
    throw new CacheError('INVALID_OPTION', 'backend must be a backend, such as memory() of @cache/memory')
  }
  checkTransport(options)
  const assembly = new CacheAssembly(options, settings)
  const caches = new CachesEngine(assembly)
  try {
    const { prefix, clock } = settings
    const audit = options.security?.audit
    await audit?.start({ prefix, clock, report: reporter(prefix, 'audit') })
    await options.backend.start({ prefix, clock, report: reporter(prefix, options.backend.name) })
    await caches.startProtection(reporter(prefix, options.protection?.name ?? 'protection'))
    await options.transport?.start(caches.transportListener, {
      prefix,
      clock,
      report: reporter(prefix, options.transport.name),
    })
    caches.startUpkeep()
    return caches
  } catch (error) {
    await caches.close().catch(() => undefined)
    throw error
  }
}

function isBackend(backend: unknown): backend is CacheBackend {
  return typeof backend === 'object' && backend !== null && 'store' in backend && 'start' in backend
}

/** A transport that only carries what stores publish is of no use over a store that does not. */
function checkTransport({ transport, backend }: CachesOptions): void {
  if (transport?.publishedBy !== 'backend' || backend.capabilities.publishes === true) return
  throw new CacheError(
    'INVALID_OPTION',
    `transport: ${transport.name} carries what the backend publishes, and ${backend.name} publishes nothing; use one that several processes of a host share, such as zeromq()`,
  )
}

/** Publishes what an operator should know; a warning of the process where nobody listens. */
function reporter(prefix: string, source: string): (message: string, error?: unknown) => void {
  return (message, error) => {
    if (channels['cache:report'].hasSubscribers)
      channels['cache:report'].publish({ prefix, source, message, error })
    else process.emitWarning(`${source}: ${message}`, 'CacheWarning')
  }
}
