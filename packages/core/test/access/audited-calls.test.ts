import { describe, expect, it } from 'vitest'
import { encryption } from '../../../crypto/src/index.ts'
import {
  asCaller,
  CacheError,
  type AuditEvent,
  type AuditManner,
  type AuditTrail,
  type Cache,
  type CacheOperation,
  type Caches,
  type CachesOptions,
} from '../../src/index.ts'
import { openCaches } from '../support/open-caches.ts'

type Kept = readonly ['noted' | 'written', readonly AuditEvent[]]

/** An audit that lists what it is given, in the one manner that it was made with. */
class ListedAudit implements AuditTrail {
  readonly kept: Kept[] = []
  /** Told before records are written. */
  onWrite: () => void = () => undefined
  readonly #manner: AuditManner

  constructor(manner: AuditManner) {
    this.#manner = manner
  }

  async start(): Promise<void> {}

  covers({ name }: { readonly name: string }): boolean {
    return name !== 'quotes'
  }

  manner(): AuditManner {
    return this.#manner
  }

  note(events: readonly AuditEvent[]): void {
    this.kept.push(['noted', events])
  }

  async write(events: readonly AuditEvent[]): Promise<void> {
    this.onWrite()
    this.kept.push(['written', events])
  }

  async close(): Promise<void> {}
}

interface Audited {
  readonly audit: ListedAudit
  readonly caches: Caches
  readonly cache: Cache<number>
}

async function audited(
  manner: AuditManner,
  { security, ...options }: Partial<CachesOptions> = {},
): Promise<Audited> {
  const audit = new ListedAudit(manner)
  const caches = await openCaches({ ...options, security: { ...security, audit } })
  return { audit, caches, cache: caches.define<number>('settings') }
}

function record(operation: CacheOperation, facts: Partial<AuditEvent> = {}): AuditEvent {
  const nothing = { key: undefined, hashed: false, caller: undefined, hit: undefined, code: undefined }
  return { cache: 'settings', operation, outcome: 'done', ...nothing, ...facts }
}

/** Calls over a cache that has `a: 1`, and what the audit keeps of each. */
const recorded: readonly (readonly [string, (cache: Cache<number>) => unknown, readonly AuditEvent[]])[] = [
  ['get', (cache) => cache.get('a'), [record('get', { key: 'a', hit: true })]],
  ['get of nothing', (cache) => cache.get('b'), [record('get', { key: 'b', hit: false })]],
  [
    'getMany',
    (cache) => cache.getMany(['b', 'a']),
    [record('get', { key: 'b', hit: false }), record('get', { key: 'a', hit: true })],
  ],
  ['getWithMeta', (cache) => cache.getWithMeta('a'), [record('get', { key: 'a', hit: true })]],
  ['getWithMeta of nothing', (cache) => cache.getWithMeta('b'), [record('get', { key: 'b', hit: false })]],
  ['has', (cache) => cache.has('a'), [record('get', { key: 'a', hit: true })]],
  ['has of nothing', (cache) => cache.has('b'), [record('get', { key: 'b', hit: false })]],
  ['ttl', (cache) => cache.ttl('a'), [record('get', { key: 'a', hit: true })]],
  ['ttl of nothing', (cache) => cache.ttl('b'), [record('get', { key: 'b', hit: false })]],
  ['isCurrent', (cache) => cache.isCurrent('a', 'r'), [record('get', { key: 'a', hit: false })]],
  ['getOrLoad', (cache) => cache.getOrLoad('a', () => 2), [record('load', { key: 'a', hit: true })]],
  ['a load', (cache) => cache.getOrLoad('b', () => 2), [record('load', { key: 'b', hit: false })]],
  ['set', (cache) => cache.set(['a', 'b:c'], 2), [record('set', { key: 'a:b%3Ac' })]],
  [
    'setMany',
    (cache) =>
      cache.setMany([
        ['a', 2],
        ['b', 2],
      ]),
    [record('set', { key: 'a' }), record('set', { key: 'b' })],
  ],
  ['add', (cache) => cache.add('a', 2), [record('set', { key: 'a' })]],
  ['compareAndSet', (cache) => cache.compareAndSet('a', 'r', 2), [record('set', { key: 'a' })]],
  ['update', (cache) => cache.update('a', () => 2), [record('update', { key: 'a' })]],
  ['increment', (cache) => cache.increment('a'), [record('update', { key: 'a' })]],
  ['delete', (cache) => cache.delete('a'), [record('delete', { key: 'a' })]],
  [
    'deleteMany',
    (cache) => cache.deleteMany(['a', 'b']),
    [record('delete', { key: 'a' }), record('delete', { key: 'b' })],
  ],
  ['deleteMatching', (cache) => cache.deleteMatching('a*'), [record('delete', { key: 'a*' })]],
  ['deleteIf', (cache) => cache.deleteIf('a', 'r'), [record('delete', { key: 'a' })]],
  ['expire', (cache) => cache.expire('a'), [record('expire', { key: 'a' })]],
  ['expireIf', (cache) => cache.expireIf('a', 'r'), [record('expire', { key: 'a' })]],
  ['clear', (cache) => cache.clear(), [record('clear')]],
  [
    'invalidateTags',
    (cache) => cache.invalidateTags(['t', 'u']),
    [record('invalidate', { key: 't' }), record('invalidate', { key: 'u' })],
  ],
  ['keys', (cache) => Array.fromAsync(cache.keys()), [record('inspect')]],
  ['keysWithTag', (cache) => Array.fromAsync(cache.keysWithTag('t')), [record('inspect', { key: 't' })]],
  ['countWithTags', (cache) => cache.countWithTags(['t']), [record('inspect', { key: 't' })]],
  ['size', (cache) => cache.size(), [record('inspect')]],
]

/** Calls that answer at once, and can wait for no disk. */
const atOnce: readonly (readonly [string, (cache: Cache<number>) => unknown, AuditEvent])[] = [
  ['peek', (cache) => cache.peek('a'), record('get', { key: 'a', hit: true })],
  ['peek of nothing', (cache) => cache.peek('b'), record('get', { key: 'b', hit: false })],
  ['resetStats', (cache) => cache.resetStats(), record('inspect', { key: 'resetStats', hit: false })],
]

async function filled(manner: AuditManner): Promise<Audited> {
  const opened = await audited(manner)
  await opened.cache.set('a', 1)
  opened.audit.kept.length = 0
  return opened
}

describe('an audited call', () => {
  it.each(recorded)('%s is recorded a moment later', async (_name, call, events) => {
    const { audit, cache } = await filled('buffered')
    await call(cache)
    expect(audit.kept).toEqual([['noted', events]])
  })

  it.each(recorded)('%s is recorded before its answer', async (_name, call, events) => {
    const { audit, cache } = await filled('before-answer')
    await call(cache)
    expect(audit.kept).toEqual([['written', events]])
  })

  it.each(recorded)('%s is recorded before it is carried out', async (_name, call, events) => {
    const { audit, cache } = await filled('before-call')
    await call(cache)
    const begun = events.map((event) => ({ ...event, outcome: 'begun', hit: undefined }))
    expect(audit.kept).toEqual([
      ['written', begun],
      ['written', events],
    ])
  })

  it.each(recorded)('%s leaves no record where none is asked for', async (_name, call) => {
    const { audit, cache } = await filled('none')
    await call(cache)
    expect(audit.kept).toEqual([])
  })

  it.each(atOnce)('%s is recorded a moment later in every manner', async (_name, call, event) => {
    for (const manner of ['buffered', 'before-answer', 'before-call'] as const) {
      const { audit, cache } = await filled(manner)
      call(cache)
      expect(audit.kept).toEqual([['noted', [event]]])
    }
    const { audit, cache } = await filled('none')
    call(cache)
    expect(audit.kept).toEqual([])
  })

  it('that must not happen unrecorded does not happen', async () => {
    const { audit, cache } = await filled('before-call')
    audit.onWrite = () => {
      throw new CacheError('AUDIT_UNAVAILABLE', 'The disk is full')
    }
    await expect(cache.set('a', 2)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' })
    expect(cache.peek('a')).toBe(1)
  })

  it('is carried out between its two records', async () => {
    const { audit, cache } = await filled('before-call')
    const seen: unknown[] = []
    audit.onWrite = () => seen.push(cache.peek('a'))
    await cache.set('a', 2)
    expect(seen).toEqual([1, 2])
  })

  it.each<[unknown, string]>([
    [new RangeError('broken'), 'UNKNOWN'],
    [new CacheError('INVALID_OPTION', 'broken'), 'INVALID_OPTION'],
  ])('that fails with %s is recorded with the code %s', async (fault, code) => {
    const call = async ({ audit, cache }: Audited): Promise<readonly Kept[]> => {
      const failing = (): never => {
        throw fault
      }
      await expect(cache.update('a', failing)).rejects.toThrow('broken')
      return audit.kept
    }
    const failed = record('update', { key: 'a', outcome: 'failed', code })
    const begun = record('update', { key: 'a', outcome: 'begun' })
    expect(await call(await filled('buffered'))).toEqual([['noted', [failed]]])
    expect(await call(await filled('before-answer'))).toEqual([['written', [failed]]])
    expect(await call(await filled('before-call'))).toEqual([
      ['written', [begun]],
      ['written', [failed]],
    ])
  })

  it('is recorded with its caller: the one of a handle, or of the running code', async () => {
    const { audit, caches, cache } = await filled('buffered')
    await asCaller('admin', () => cache.get('a'))
    await asCaller('admin', () => caches.open('settings', { as: 'orders' }).has('a'))
    await cache.get('a')
    const callers = audit.kept.flatMap(([, events]) => events.map(({ caller }) => caller))
    expect(callers).toEqual(['admin', 'orders', undefined])
  })

  it('is recorded by its hashed key where keys are hashed', async () => {
    const protection = encryption({ keys: () => new Uint8Array(32).fill(1) })
    const { audit, caches } = await audited('buffered', { protection })
    const cache = caches.define<number>('auth')
    await cache.set('a', 1)
    await cache.setMany([['a', 2]])
    expect(await cache.getMany(['a'])).toEqual([2])
    expect(await cache.get('a')).toBe(2)
    const events = audit.kept.flatMap(([, all]) => all)
    expect(new Set(events.map(({ key }) => key)).size).toBe(1)
    expect(events[0]).toMatchObject({ cache: 'auth', hashed: true, key: expect.stringMatching(/.{20}/) })
    expect(events.every(({ hashed }) => hashed)).toBe(true)
  })

  it('of a cache that the audit does not cover is not recorded', async () => {
    const { audit, caches } = await audited('before-call')
    const quotes = caches.define<number>('quotes')
    await quotes.set('a', 1)
    await caches.open<number>('quotes', { as: 'orders' }).get('a')
    expect(audit.kept).toEqual([])
  })
})

describe('an audited call of all caches', () => {
  it('is recorded for each that is covered', async () => {
    const { audit, caches } = await filled('before-answer')
    caches.define('profiles')
    caches.define('quotes')
    await caches.invalidateTags(['t', 'u'])
    await caches.clear()
    const keptOf = (operation: CacheOperation, key?: string) =>
      expect.objectContaining({ operation, key, outcome: 'done' }) as unknown
    const ofEach = audit.kept.map(([, events]) => events)
    expect(new Set(ofEach.flat().map(({ cache }) => cache))).toEqual(new Set(['settings', 'profiles']))
    const tags = [keptOf('invalidate', 't'), keptOf('invalidate', 'u')]
    expect(ofEach).toEqual([tags, tags, [keptOf('clear')], [keptOf('clear')]])
  })
})

describe('a denied call', () => {
  const denial = (operation: CacheOperation, caller?: string): AuditEvent =>
    record(operation, { outcome: 'denied', caller })

  it.each<AuditManner>(['none', 'buffered', 'before-answer', 'before-call'])(
    'is recorded before its caller knows, without its key, in the manner %s',
    async (manner) => {
      const { audit, caches } = await filled(manner)
      const handle = caches.open<number>('settings', { as: 'orders', allow: ['set'] })
      await expect(handle.get('a')).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
      expect(audit.kept).toEqual([['written', [denial('get', 'orders')]]])
    },
  )

  it('that would answer at once is recorded a moment later', async () => {
    const { audit, caches } = await filled('before-call')
    const handle = caches.open<number>('settings', { as: 'orders', allow: ['set'] })
    expect(() => handle.peek('a')).toThrow(expect.objectContaining({ code: 'ACCESS_DENIED' }) as Error)
    expect(audit.kept).toEqual([['noted', [denial('get', 'orders')]]])
  })

  it('stays denied where it cannot be recorded', async () => {
    const { audit, caches } = await filled('before-call')
    audit.onWrite = () => {
      throw new CacheError('AUDIT_UNAVAILABLE', 'The disk is full')
    }
    const handle = caches.open<number>('settings', { allow: [] })
    await expect(handle.get('a')).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      message:
        "Code that runs as no caller may not get in the cache 'settings'; allow it in security.access or open a handle that does",
    })
  })

  it('is recorded for all caches as well, and by its caller', async () => {
    const access = [{ cache: 'settings', caller: 'admin', allow: ['get'] as const }]
    const { audit, caches } = await audited('buffered', { security: { access } })
    await expect(asCaller('orders', () => caches.clear())).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      message: expect.stringMatching(/^The caller 'orders' may not clear in the cache 'settings'/) as string,
    })
    expect(audit.kept).toEqual([['written', [denial('clear', 'orders')]]])
  })
})
