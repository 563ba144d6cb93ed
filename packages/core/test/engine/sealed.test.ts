import { randomBytes } from 'node:crypto'
import { valueFormat } from '@cache/ports'
import { describe, expect, it } from 'vitest'
import {
  faultyBackend,
  forwardingBackend,
  forwardingStore,
  referenceBackend,
} from '../../../conformance/src/index.ts'
import { encryption, signing } from '../../../crypto/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import type { CacheOptions, Protection } from '../../src/index.ts'
import { eventsOf, fleet, type Fleet } from '../support/fleet.ts'

interface Token {
  readonly access: string
  readonly scopes?: readonly string[]
}

const token: Token = { access: 'secret-1', scopes: ['orders'] }
const key = randomBytes(32)

function sealed(): Protection {
  return encryption({ keys: () => key })
}

async function cacheOf(
  processes: Fleet,
  { l1 = false, protection = sealed(), ...options }: Partial<CacheOptions<Token>> & OpenedHow = {},
) {
  const caches = await processes.open({ protection, ...(l1 ? { l1: memory() } : {}) })
  return caches.define<Token>('auth', { ttl: '1h', ...options })
}

interface OpenedHow {
  readonly l1?: boolean
  readonly protection?: Protection
}

/** The rows of the store, to be changed past the library. */
function rowsOf({ storage }: Fleet) {
  const rows = storage.caches.get('auth')?.versions.get(1)?.rows
  if (!rows) throw new Error('There is nothing in the store')
  return rows
}

function change(
  processes: Fleet,
  changes: (entry: { payload: unknown; freshForMs: number }) => object,
): void {
  const rows = rowsOf(processes)
  for (const [stored, row] of rows)
    rows.set(stored, { ...row, entry: { ...row.entry, ...changes(row.entry) } })
}

function flipped(payload: unknown): Uint8Array {
  const copy = Uint8Array.from(payload as Uint8Array)
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1
  return copy
}

describe('a sealed cache', () => {
  it.each([true, false])('works as any other between processes, with L1: %s', async (l1) => {
    const processes = fleet()
    const [here, there] = [await cacheOf(processes, { l1 }), await cacheOf(processes, { l1 })]
    expect(await here.getOrLoad('k', () => token, { tags: ['t'] })).toEqual(token)
    const revision = (await there.getWithMeta('k'))?.revision ?? ''
    for (let read = 0; read < 2; read++) {
      expect(await there.get('k')).toEqual(token)
      expect(await there.getMany(['k', 'none'])).toEqual([token, undefined])
      expect(await there.getOrLoad('k', () => Promise.reject(new Error('it is there')))).toEqual(token)
      expect(await there.isCurrent('k', revision)).toBe(true)
      expect(await there.isCurrent('k', 'another')).toBe(false)
    }
    await there.update('k', (current) => ({ ...current, access: 'secret-2' }))
    processes.clock.advance(2000)
    expect(await here.get('k')).toMatchObject({ access: 'secret-2' })
    expect(await here.isCurrent('k', revision)).toBe(false)
    await here.invalidateTags(['t'])
    processes.clock.advance(2000)
    expect(await there.get('k')).toBeUndefined()
  })

  it('gives each reader a value of its own, and those who share a load a frozen one', async () => {
    const processes = fleet()
    const cache = await cacheOf(processes, { l1: true })
    const [one, other] = await Promise.all([
      cache.getOrLoad('k', () => token),
      cache.getOrLoad('k', () => token),
    ])
    expect(one).toBe(other)
    const reads = [await cache.get('k'), await cache.get('k'), (await cache.getMany(['k']))[0]]
    expect(new Set(reads).size).toBe(3)
    for (const value of reads) expect(Object.isFrozen(value)).toBe(false)
  })

  it('counts by steps and appends as any other', async () => {
    const processes = fleet()
    const caches = await processes.open({ protection: sealed() })
    const counts = caches.define<number>('auth', { ttl: '1h' })
    await Promise.all(Array.from({ length: 10 }, () => counts.increment('n', 2)))
    expect(await counts.get('n')).toBe(20)
    expect(await counts.increment('n', -5)).toBe(15)
    expect([await counts.add('n', 1), await counts.add('m', 1)]).toEqual([false, true])
    const lists = caches.define<string[]>('tokens', { ttl: '1h' })
    await lists.append('l', ['a'])
    expect(await lists.append('l', ['b', 'c'])).toBe(3)
    expect(await lists.get('l')).toEqual(['a', 'b', 'c'])
  })

  it('remembers that there is none, and no forger can', async () => {
    const processes = fleet()
    const loading = { negativeTtl: '1h' } as const
    const here = await cacheOf(processes, { loading })
    expect(await here.getOrLoad('none', () => undefined)).toBeUndefined()
    const there = await cacheOf(processes, { loading })
    expect(await there.getOrLoad('none', () => token)).toBeUndefined()
    change(processes, () => ({ payload: '', format: 0 }))
    expect(await (await cacheOf(processes, { loading })).getOrLoad('none', () => token)).toEqual(token)
  })
})

describe('an entry that is not as it was sealed', () => {
  it.each([
    ['was altered', ({ payload }: { payload: unknown }) => ({ payload: flipped(payload) })],
    ['is readable text', () => ({ payload: '{"access":"forged"}' })],
    ['has another format', () => ({ format: valueFormat.faithful })],
    ['has another revision', () => ({ revision: 'another' })],
    ['has lost its tags', () => ({ tags: [] })],
  ])('is deleted, counted, told and a miss where it %s', async (_name, changes) => {
    const processes = fleet()
    await (await cacheOf(processes)).set('k', token, { tags: ['t'] })
    change(processes, changes)
    const cache = await cacheOf(processes, { l1: true })
    const failures = eventsOf('cache:failure')
    expect(await cache.get('k')).toBeUndefined()
    expect(rowsOf(processes).size).toBe(0)
    expect(failures).toMatchObject([{ cache: 'auth', operation: 'decode', code: 'DECRYPTION_FAILED' }])
    expect(cache.stats()).toMatchObject({ forgeries: 1, errors: 1, misses: 1 })
    expect(await cache.getOrLoad('k', () => ({ access: 'new' }))).toEqual({ access: 'new' })
  })

  it('is loaded anew by the very call that finds it', async () => {
    const processes = fleet()
    await (await cacheOf(processes)).set('k', token)
    change(processes, ({ payload }) => ({ payload: flipped(payload) }))
    const cache = await cacheOf(processes)
    expect(await cache.getOrLoad('k', () => ({ access: 'new' }))).toEqual({ access: 'new' })
    expect(await cache.get('k')).toEqual({ access: 'new' })
    expect(cache.stats()).toMatchObject({ forgeries: 1, loads: 1 })
  })

  it('stays a miss while it cannot be deleted', async () => {
    const processes = fleet()
    await (await cacheOf(processes)).set('k', token)
    change(processes, ({ payload }) => ({ payload: flipped(payload) }))
    const backend = faultyBackend(referenceBackend({ storage: processes.storage }), ({ operation }) =>
      operation === 'change' ? { kind: 'fail', code: 'BACKEND_UNREACHABLE' } : undefined,
    )
    const caches = await processes.open({ backend, protection: sealed() })
    expect(await caches.define<Token>('auth', { ttl: '1h' }).get('k')).toBeUndefined()
    expect(rowsOf(processes).size).toBe(1)
  })

  it('is not looked for with another key, and stays', async () => {
    const processes = fleet()
    await (await cacheOf(processes)).set('k', token)
    const [stored] = rowsOf(processes).keys()
    await expect(
      cacheOf(processes, { protection: encryption({ keys: () => randomBytes(32) }) }),
    ).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' })
    expect([...rowsOf(processes).keys()]).toEqual([stored])
  })

  it('does not live longer than was sealed in, whatever the store says', async () => {
    const processes = fleet()
    await (await cacheOf(processes, { ttl: '1m' })).set('k', token)
    change(processes, () => ({ freshForMs: 3_600_000, keptForMs: 3_600_000 }))
    const rows = rowsOf(processes)
    for (const [stored, row] of rows)
      rows.set(stored, {
        ...row,
        freshUntilMs: row.freshUntilMs + 3_600_000,
        goneAtMs: row.goneAtMs + 3_600_000,
      })
    const cache = await cacheOf(processes, { ttl: '1m' })
    const meta = await cache.getWithMeta('k')
    expect(meta?.freshForMs).toBeLessThanOrEqual(60_000 + 60_000)
    processes.clock.advance(10 * 60_000)
    expect(await cache.get('k')).toBeUndefined()
  })

  it('is not what this process wrote over, put back', async () => {
    const processes = fleet()
    const cache = await cacheOf(processes)
    await cache.set('k', token)
    const old = [...rowsOf(processes)]
    processes.clock.advance(10 * 60_000)
    await cache.set('k', { access: 'secret-2' })
    for (const [stored, row] of old) rowsOf(processes).set(stored, row)
    processes.clock.advance(1000)
    expect(await cache.get('k')).toBeUndefined()
    expect(cache.stats().forgeries).toBe(1)
  })
})

describe('the time of a sealed entry', () => {
  it('is changed by sealing it anew, with all that it has beside it', async () => {
    const processes = fleet()
    const cache = await cacheOf(processes)
    await cache.set('k', token, { ttl: '1m', tags: ['t'], version: 4 })
    const before = (await cache.getWithMeta('k'))?.revision ?? ''
    expect(await cache.expire('k', '2h')).toBe(true)
    processes.clock.advance(3_600_000)
    const there = await cacheOf(processes)
    const meta = await there.getWithMeta('k')
    expect(meta).toMatchObject({ value: token, tags: ['t'], version: 4, freshForMs: 3_600_000 })
    expect(meta?.revision).not.toBe(before)
    expect(await there.expireIf('k', before, '3h')).toBe(false)
    expect(await there.ttl('k')).toBe(3_600_000)
    expect(await there.expireIf('k', meta?.revision ?? '', '3h')).toBe(true)
    expect(await there.ttl('k')).toBe(10_800_000)
    expect(await there.expire('none', '1h')).toBe(false)
    expect(await there.expire('k')).toBe(true)
    expect(await there.get('k')).toBeUndefined()
  })

  it('is changed again where another process wrote in between, and is that of what it wrote', async () => {
    const processes = fleet()
    const there = await cacheOf(processes)
    let interruptions = 3
    const backend = forwardingBackend(referenceBackend({ storage: processes.storage }), (store) => ({
      ...forwardingStore(store),
      change: async (changes) => {
        if (interruptions-- > 0) await there.set('k', { access: `secret-${interruptions}` })
        return store.change(changes)
      },
    }))
    await there.set('k', token)
    const here = (await processes.open({ backend, protection: sealed() })).define<Token>('auth', {
      ttl: '1h',
    })
    const expiring = here.expire('k', '5h')
    await processes.clock.advanceAsync(100)
    expect(await expiring).toBe(true)
    expect(await there.get('k')).toEqual({ access: 'secret-0' })
    expect((await there.ttl('k')) ?? 0).toBeGreaterThan(4 * 3_600_000)
  })
})

describe('a signed cache', () => {
  it('keeps readable values that nobody else may write', async () => {
    const processes = fleet()
    const how = { protection: signing({ keys: () => key }), values: { signed: true } } as const
    const caches = await processes.open({ protection: how.protection, l1: memory() })
    const cache = caches.define<Token>('prices', { ttl: '1h', values: how.values })
    await cache.set('k', token)
    expect(await cache.get('k')).toEqual(token)
    expect(Object.isFrozen(await cache.get('k'))).toBe(true)
    const rows = processes.storage.caches.get('prices')?.versions.get(1)?.rows
    const [row] = rows?.values() ?? []
    expect(Buffer.from(row?.entry.payload as Uint8Array).toString()).toContain('"access":"secret-1"')
  })
})
