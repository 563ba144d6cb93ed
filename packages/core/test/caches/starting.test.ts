import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { referenceBackend } from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import {
  createCaches,
  onCacheEvent,
  type AuditStart,
  type AuditTrail,
  type Cache,
  type CacheBackend,
} from '../../src/index.ts'
import { TestTransport } from '../support/test-transport.ts'
import { openCaches } from '../support/open-caches.ts'

type Report = (message: string, error?: unknown) => void

/** A backend, and what it can report with once it was started. */
function reportingBackend(): { readonly backend: CacheBackend; readonly report: Report } {
  const backend = referenceBackend()
  const start = backend.start.bind(backend)
  let given: Report | undefined
  Object.assign(backend, {
    start: async (context: Parameters<CacheBackend['start']>[0]) => {
      given = context.report
      await start(context)
    },
  })
  return { backend, report: (message, error) => given?.(message, error) }
}

describe('what createCaches takes for a backend', () => {
  it.each([undefined, null, 'memory', {}, { store: () => undefined }, { start: () => undefined }, memory])(
    'is not %o',
    async (backend) => {
      await expect(createCaches({ backend: backend as never })).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: 'backend must be a backend, such as memory() of @cache/memory',
      })
    },
  )
})

describe('what a part reports', () => {
  it('is told to who listens, with its source', async () => {
    const { backend, report } = reportingBackend()
    await openCaches({ backend, prefix: 'own' })
    const reports: unknown[] = []
    const fault = new RangeError('no')
    onTestFinished(onCacheEvent('cache:report', (event) => reports.push(event)))
    report('is nearly full', fault)
    expect(reports).toEqual([
      { prefix: 'own', source: backend.name, message: 'is nearly full', error: fault },
    ])
  })

  it('is a warning of the process where nobody listens', async () => {
    const { backend, report } = reportingBackend()
    await openCaches({ backend })
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    report('is nearly full')
    expect(warn.mock.calls).toEqual([[`${backend.name}: is nearly full`, 'CacheWarning']])
  })
})

describe('an audit', () => {
  function audit(start: (context: AuditStart) => Promise<void>): AuditTrail {
    return {
      start,
      covers: () => true,
      manner: () => 'none',
      note: () => undefined,
      write: async () => undefined,
      close: async () => undefined,
    }
  }

  it('starts before its caches are there, with what it needs to report', async () => {
    const reports: unknown[] = []
    onTestFinished(onCacheEvent('cache:report', (event) => reports.push(event)))
    const starting = audit(async ({ prefix, clock, report }) => report(`${prefix} ${clock.wallMs() > 0}`))
    await openCaches({ prefix: 'own', security: { audit: starting } })
    expect(reports).toMatchObject([{ prefix: 'own', source: 'audit', message: 'own true' }])
  })

  it('that cannot start lets no backend start, and is closed with it', async () => {
    const failing = audit(() => Promise.reject(new RangeError('no disk')))
    const backend = memory()
    const start = vi.spyOn(backend, 'start')
    const close = vi.spyOn(backend, 'close')
    await expect(createCaches({ backend, security: { audit: failing } })).rejects.toThrow('no disk')
    expect(start).not.toHaveBeenCalled()
    expect(close).toHaveBeenCalledOnce()
  })
})

describe('a transport of what backends publish', () => {
  it('is refused over a backend that publishes nothing', async () => {
    const transport = new TestTransport('backend')
    const backend = memory()
    await expect(createCaches({ backend, transport })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message:
        'transport: test carries what the backend publishes, and memory publishes nothing; use one that several processes of a host share, such as zeromq()',
    })
  })
})

describe('what is defined', () => {
  it('is listed with what an operator asks of it', async () => {
    const caches = await openCaches()
    const quotes = caches.define<number>('market:quotes', { version: 3, maxEntries: 10 })
    caches.define('profiles')
    expect(caches.list()).toMatchObject([
      { name: 'market:quotes', version: 3, sensitive: false, maxEntries: 10, unused: true },
      { name: 'profiles', version: 1, sensitive: false, unused: true },
    ])
    await quotes.get('k')
    expect(caches.list().map(({ unused }) => unused)).toEqual([false, true])
  })

  it.each<[string, (cache: Cache<number>) => Promise<unknown>]>([
    ['was written to', (cache) => cache.set('k', 1)],
    ['was loaded', (cache) => cache.getOrLoad('k', () => 1)],
  ])('is used once it %s', async (_name, use) => {
    const caches = await openCaches()
    await use(caches.define<number>('values'))
    expect(caches.list()).toMatchObject([{ name: 'values', unused: false }])
  })

  it.each([
    ['market', 'market', "The cache 'market' is defined already; give it another name"],
    ['market', 'Market', "The cache 'Market' could share keys with 'market'; give it another name"],
    ['market', 'market:x', "The cache 'market:x' could share keys with 'market'; give it another name"],
    ['market:x', 'market', "The cache 'market' could share keys with 'market:x'; give it another name"],
  ])('as %s leaves no room for %s', async (one, other, message) => {
    const caches = await openCaches()
    caches.define(one)
    caches.define('between')
    expect(() => caches.define(other)).toThrow(
      expect.objectContaining({ code: 'CACHE_CONFLICT', message }) as Error,
    )
  })
})
