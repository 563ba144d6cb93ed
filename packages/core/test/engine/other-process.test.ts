import type { StandardSchemaV1 } from '@standard-schema/spec'
import { describe, expect, it } from 'vitest'
import { valueFormat } from '@cache/ports'
import { everyNth, faultyBackend, referenceBackend } from '../../../conformance/src/index.ts'
import { memory } from '../../../memory/src/index.ts'
import { eventsOf, fleet, type Fleet } from '../support/fleet.ts'

interface Value {
  readonly list: readonly object[]
  readonly big?: bigint
}

const plain: Value = { list: [{ a: 1 }] }
const typed: Value = { list: [{ a: 1 }], big: 1n }

/** Takes objects with a list, and adds a field, so that its work can be seen. */
const schema: StandardSchemaV1<unknown, Value> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      Array.isArray((value as Value | undefined)?.list)
        ? { value: { ...(value as Value), list: [...(value as Value).list, { checked: true }] } }
        : { issues: [{ message: 'no list' }] },
  },
}

function isDeepFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every((item) => isDeepFrozen(item))
}

/** Changes what the store holds under a key, past the library. */
function spoil({ storage }: Fleet, key: string, changes: object): void {
  const rows = storage.caches.get('values')?.versions.get(1)?.rows
  const row = rows?.get(key)
  if (!rows || !row) throw new Error(`There is no ${key}`)
  rows.set(key, { ...row, entry: { ...row.entry, ...changes } })
}

describe('a value that another process stored', () => {
  it.each([
    ['plain data', plain],
    ['data with types', typed],
  ])('of %s is frozen, however it is read', async (_name, value) => {
    const processes = fleet()
    await (await processes.open()).define<Value>('values', { ttl: '1h' }).set('k', value)
    for (const l1 of [undefined, memory()]) {
      const cache = (await processes.open({ l1 })).define<Value>('values', { ttl: '1h' })
      const read = [
        await cache.get('k'),
        await cache.get('k'),
        (await cache.getMany(['k']))[0],
        await cache.getOrLoad('k', () => Promise.reject(new Error('it is there'))),
        (await cache.getWithMeta('k'))?.value,
      ]
      for (const found of read) {
        expect(found).toStrictEqual(value)
        expect(isDeepFrozen(found)).toBe(true)
      }
    }
  })

  it.each(['clone', 'reference'] as const)('is its reader to change with sharing: %s', async (sharing) => {
    const processes = fleet()
    await (await processes.open()).define<Value>('values', { ttl: '1h' }).set('k', plain)
    const cache = (await processes.open()).define<Value>('values', { ttl: '1h', values: { sharing } })
    expect(Object.isFrozen(await cache.get('k'))).toBe(false)
    expect(Object.isFrozen(await cache.getOrLoad('k', () => typed))).toBe(false)
    const checked = (await processes.open()).define<Value>('values', {
      ttl: '1h',
      schema,
      values: { sharing },
    })
    expect(Object.isFrozen(await checked.get('k'))).toBe(false)
  })

  it('is what the schema makes of it, frozen, and a miss that is reported where it does not fit', async () => {
    const processes = fleet()
    const writer = (await processes.open()).define<unknown>('values', { ttl: '1h' })
    await writer.setMany([
      ['good', plain],
      ['bad', { other: 1 }],
    ])
    const caches = await processes.open({ l1: memory() })
    const cache = caches.define<Value>('values', { ttl: '1h', schema })
    const failures = eventsOf('cache:failure')
    const [good, bad] = await cache.getMany(['good', 'bad'])
    expect(good).toStrictEqual({ list: [{ a: 1 }, { checked: true }] })
    expect(isDeepFrozen(good)).toBe(true)
    expect(bad).toBeUndefined()
    expect(failures).toMatchObject([{ cache: 'values', operation: 'validate', code: 'VALIDATION_FAILED' }])
    expect(cache.stats().errors).toBe(1)
    // What L1 keeps has been checked and is not checked again.
    expect(await cache.get('good')).toBe(good)
  })

  it('that there is none is known without asking the schema', async () => {
    const processes = fleet()
    const options = { ttl: '1h', schema, loading: { negativeTtl: '1h' } } as const
    await (await processes.open()).define<Value>('values', options).getOrLoad('none', () => undefined)
    const cache = (await processes.open()).define<Value>('values', options)
    const failures = eventsOf('cache:failure')
    expect(await cache.getOrLoad('none', () => plain)).toBeUndefined()
    expect(await cache.has('none')).toBe(false)
    expect(failures).toEqual([])
  })

  it.each([
    ['is no text of its format', { payload: '{"list":' }],
    ['has a format that nobody knows', { format: 99 }],
    ['calls itself live', { format: valueFormat.live }],
  ])('is a miss that is reported where it %s', async (_name, changes) => {
    const processes = fleet()
    await (await processes.open()).define<Value>('values', { ttl: '1h' }).set('k', plain)
    spoil(processes, 'k', changes)
    const cache = (await processes.open({ l1: memory() })).define<Value>('values', { ttl: '1h' })
    const failures = eventsOf('cache:failure')
    expect(await cache.get('k')).toBeUndefined()
    expect(await cache.getMany(['k'])).toEqual([undefined])
    expect(failures.map(({ operation, code }) => `${operation} ${code}`)).toEqual([
      'decode DECODING_FAILED',
      'decode DECODING_FAILED',
    ])
    expect(cache.stats()).toMatchObject({ misses: 2, hits: 0, errors: 2, forgeries: 0 })
    expect(await cache.getOrLoad('k', () => typed)).toStrictEqual(typed)
  })

  it('says of itself what was written, from each tier', async () => {
    const processes = fleet()
    const writer = (await processes.open()).define<Value>('values', {
      ttl: '60s',
      loading: { staleFor: '30s' },
    })
    await writer.getOrLoad(
      'k',
      async ({ setVersion }) => {
        setVersion(7)
        processes.clock.advance(250)
        return plain
      },
      { tags: ['t'] },
    )
    processes.clock.advance(10_000)
    const cache = (await processes.open({ l1: memory() })).define<Value>('values', { ttl: '60s' })
    const first = await cache.getWithMeta('k')
    processes.clock.advance(5000)
    expect(await cache.get('k')).toEqual(plain)
    const second = await cache.getWithMeta('k')
    const told = { value: plain, version: 7, tags: ['t'], staleBecause: undefined }
    expect(first).toMatchObject({ ...told, ageMs: 10_250, freshForMs: 49_750 })
    expect(second).toMatchObject({ ...told, ageMs: 15_250, freshForMs: 44_750 })
    expect([first?.source, second?.source]).toEqual(['l2', 'l1'])
    expect(second?.revision).toBe(first?.revision)
  })

  it('is counted where it is found, each key by itself', async () => {
    const processes = fleet()
    const writer = (await processes.open()).define<number>('values', { ttl: '1h' })
    await writer.setMany([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
    const cache = (await processes.open({ l1: memory() })).define<number>('values', { ttl: '1h' })
    const reads = eventsOf('cache:read')
    expect(await cache.get('b')).toBe(2)
    expect(await cache.getMany(['a', 'none', 'b', 'c'])).toEqual([1, undefined, 2, 3])
    expect(await cache.getMany(['b', 'a'])).toEqual([2, 1])
    expect(await cache.getMany([])).toEqual([])
    expect(cache.stats()).toMatchObject({ storeHits: 3, localHits: 3, misses: 1, hits: 6 })
    expect(reads.map(({ key, outcome }) => `${key} ${outcome}`)).toEqual([
      'b l2-hit',
      'b l1-hit',
      'a l2-hit',
      'none miss',
      'c l2-hit',
      'b l1-hit',
      'a l1-hit',
    ])
  })
})

describe('isCurrent', () => {
  it.each([true, false])('knows the fresh entry by its revision, with L1: %s', async (withL1) => {
    const processes = fleet()
    const cache = (await processes.open(withL1 ? { l1: memory() } : {})).define<number>('values', {
      ttl: '1m',
      loading: { staleFor: '1h' },
    })
    await cache.set('k', 1)
    const revision = (await cache.getWithMeta('k'))?.revision ?? ''
    expect(await cache.get('k')).toBe(1)
    expect(await cache.isCurrent('k', revision)).toBe(true)
    expect(await cache.isCurrent('k', 'another')).toBe(false)
    expect(await cache.isCurrent('none', revision)).toBe(false)
    await (await processes.open()).define<number>('values', { ttl: '1m' }).set('k', 2)
    processes.clock.advance(2000)
    expect(await cache.isCurrent('k', revision)).toBe(false)
    const later = (await cache.getWithMeta('k'))?.revision ?? ''
    expect(await cache.isCurrent('k', later)).toBe(true)
    processes.clock.advance(60_000)
    expect(await cache.isCurrent('k', later)).toBe(false)
  })

  it('is false where nobody can say', async () => {
    const unreachable = { kind: 'fail', code: 'BACKEND_UNREACHABLE' } as const
    const { open } = fleet()
    const caches = await open({ backend: faultyBackend(referenceBackend(), everyNth(1, unreachable)) })
    expect(await caches.define('values', { ttl: '1h' }).isCurrent('k', 'r')).toBe(false)
  })
})
