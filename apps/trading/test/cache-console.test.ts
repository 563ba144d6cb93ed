import { channel } from 'node:diagnostics_channel'
import { join } from 'node:path'

import { ManualClock } from '@cache/conformance'
import { type Caches, type CacheStats, createCaches } from '@cache/core'
import { encryption } from '@cache/crypto'
import { memory } from '@cache/memory'
import { beforeEach, describe, expect, it } from 'vitest'

import { openCaches } from '../src/caches.ts'
import { readConfiguration } from '../src/config/configuration.ts'
import { openDatabase } from '../src/database/database.ts'
import { installationKey } from '../src/secrets/installation-key.ts'
import { SessionTable } from '../src/session/session-table.ts'
import { CacheNews } from '../src/diagnostics/cache-news.ts'
import { CacheSampler } from '../src/diagnostics/cache-sampler.ts'
import { domainNames, domainOf, domains } from '../src/diagnostics/domains.ts'
import { searchEntries } from '../src/diagnostics/entry-search.ts'
import { allCaches, SampleRing } from '../src/diagnostics/sample-ring.ts'
import { temporaryDirectory } from './support/running-server.ts'
import { whenOver } from './support/when-over.ts'

let clock: ManualClock
let caches: Caches

beforeEach(async () => {
  clock = new ManualClock()
  const protection = encryption({ keys: () => Buffer.alloc(32, 7) })
  caches = await createCaches({ backend: memory(), protection })
  whenOver(() => caches.close())
})

function statsOf(changes: Partial<CacheStats>): CacheStats {
  return {
    ...caches.define<number>(`c${Math.random().toString(36).slice(2)}`).stats(),
    cache: 'quotes',
    ...changes,
  }
}

describe('a ring of samples', () => {
  it('holds what happened in each step, and of the last steps only', () => {
    const ring = new SampleRing({ stepMs: 1000, capacity: 2 })
    ring.take(1000, [statsOf({ hits: 5, misses: 5, localHits: 1, loads: 2 })])
    ring.take(2000, [statsOf({ hits: 8, misses: 6, localHits: 3, loads: 2 })])
    ring.take(3000, [statsOf({ hits: 8, misses: 6, localHits: 3, loads: 2 })])
    expect(ring.read('quotes')).toMatchObject({
      stepMs: 1000,
      timesMs: [2000, 3000],
      reads: [4, 0],
      hits: [3, 0],
      localHits: [2, 0],
      loads: [0, 0],
      storeP50Ms: [null, null],
    })
  })

  it('adds all caches up, and begins anew when counters were reset', () => {
    const ring = new SampleRing({ stepMs: 1000, capacity: 10 })
    ring.take(1000, [statsOf({ hits: 5 }), statsOf({ cache: 'users', hits: 2 })])
    ring.take(2000, [statsOf({ hits: 1 }), statsOf({ cache: 'users', hits: 3 })])
    expect(ring.read('quotes')?.hits).toEqual([5, 1])
    expect(ring.read(allCaches)?.hits[0]).toBe(7)
    expect(ring.read('unknown')).toBeUndefined()
  })

  it('tells percentiles of each step, exact for a few durations and sampled for many', () => {
    const ring = new SampleRing({ stepMs: 1000, capacity: 10, random: () => 0.999_999 })
    for (let ms = 1; ms <= 100; ms++) ring.record('quotes', 'store', ms)
    ring.take(1000, [statsOf({})])
    for (let count = 0; count < 100_000; count++) ring.record('quotes', 'store', 3)
    ring.record('quotes', 'load', 20)
    ring.take(2000, [statsOf({})])
    expect(ring.read('quotes')).toMatchObject({
      storeP50Ms: [50, 3],
      storeP99Ms: [99, 3],
      loadP99Ms: [null, 20],
    })
  })
})

describe('the sampler', () => {
  it('takes a sample every step, and leaves nothing running', async () => {
    const sampler = new CacheSampler(caches, clock)
    const quotes = caches.define<number>('quotes')
    await quotes.set('a', 1)
    await quotes.get('a')
    await quotes.get('b')
    const timers = clock.pendingTimers
    clock.advance(15_000)
    expect(sampler.read('15m', 'quotes')).toMatchObject({ reads: [2, 0, 0], hits: [1, 0, 0] })
    expect(sampler.read('24h', 'quotes')?.timesMs ?? []).toEqual([])
    sampler.close()
    expect(clock.pendingTimers).toBe(timers - 2)
  })
})

describe('the news', () => {
  it('tells of invalidations as they happen, with hashed keys where the cache is sensitive', async () => {
    const news = new CacheNews(caches.prefix, clock)
    const heard: string[] = []
    news.subscribe(({ cache, text }) => heard.push(`${cache} ${text}`))
    const [plain, secret] = [caches.define('plain'), caches.define('secret', { sensitive: true })]
    await plain.set('a', 1)
    await plain.delete('a')
    await plain.invalidateTags(['user:1'])
    await secret.set('bearer-abc', 1)
    await secret.delete('bearer-abc')
    await plain.clear()
    expect(heard).toEqual([
      'plain invalidated by key',
      'plain invalidated by tag',
      'secret invalidated by key',
      'plain cleared',
    ])
    expect(JSON.stringify(news.latest)).not.toContain('bearer-abc')
    expect(news.latest[1]?.names).toEqual(['user:1'])
    news.close()
    await plain.clear()
    expect(heard).toHaveLength(4)
  })

  it('tells of what other instances invalidated, and of its own once, whichever comes first', async () => {
    const news = new CacheNews(caches.prefix, clock)
    const { prefix } = caches
    const plain = caches.define('plain')
    const arrive = (names: readonly string[]): void =>
      channel('cache:arrival').publish({ prefix, cache: 'plain', kind: 'tags', names })
    const texts = (): string[] => news.latest.map(({ text, names }) => `${text} ${names.join()}`)
    await plain.invalidateTags(['own'])
    arrive(['own'])
    arrive(['early'])
    await plain.invalidateTags(['early'])
    arrive(['theirs'])
    channel('cache:arrival').publish({ prefix, cache: 'plain', kind: 'keys', names: ['k'] })
    channel('cache:arrival').publish({ prefix: 'others', cache: 'plain', kind: 'clear', names: [] })
    clock.advance(1000)
    expect(texts()).toEqual([
      'invalidated by tag own',
      'invalidated by tag early',
      'invalidated by tag in another instance theirs',
    ])
    arrive(['late'])
    news.close()
    clock.advance(1000)
    expect(texts()).toHaveLength(3)
  })

  it('keeps the last two hundred, each with a few names', async () => {
    const news = new CacheNews(caches.prefix, clock)
    const plain = caches.define('plain')
    for (let count = 0; count < 250; count++) await plain.invalidateTags([`t:${count}`])
    await plain.invalidateTags(Array.from({ length: 9 }, (_, at) => `${at}`.padEnd(200, 'x')))
    expect(news.latest).toHaveLength(200)
    expect(news.latest.at(-1)?.names.at(-1)).toBe('and 4 more')
    expect(news.latest.at(-1)?.names[0]).toHaveLength(80)
    news.close()
  })
})

describe('the search for entries', () => {
  it('finds by key, pattern and tag, with a cut short value', async () => {
    const plain = caches.define<unknown>('plain')
    await plain.set(['NSE', 'A:B'], { text: 'x'.repeat(5000) }, { tags: ['user:1'] })
    await plain.set(['NSE', 'C'], 2)
    const found = await searchEntries(plain, false, { by: 'key', text: 'NSE:A%3AB' })
    expect(found.entries[0]).toMatchObject({ key: 'NSE:A%3AB', tags: ['user:1'], source: 'l1' })
    expect(found.entries[0]?.value?.length).toBeLessThan(700)
    expect((await searchEntries(plain, false, { by: 'pattern', text: 'NSE:*' })).entries).toHaveLength(2)
    expect(await searchEntries(plain, false, { by: 'tag', text: 'user:1' })).toMatchObject({
      entries: [{ key: 'NSE:A%3AB' }],
      tagged: 1,
    })
    expect((await searchEntries(plain, false, { by: 'key', text: 'nothing' })).entries).toEqual([])
  })

  it('stops after fifty, and says that there are more', async () => {
    const plain = caches.define<number>('plain')
    await plain.setMany(Array.from({ length: 60 }, (_, at) => [at, at] as const))
    const { entries, more } = await searchEntries(plain, false, { by: 'pattern', text: '*' })
    expect([entries.length, more]).toEqual([50, true])
  })

  it('tells times and tags of a secret, and neither its key nor its value', async () => {
    const secret = caches.define<unknown>('secret', { sensitive: true })
    await secret.set('bearer-abc', { token: 'hunter2' }, { tags: ['user:1'] })
    const found = await searchEntries(secret, true, { by: 'key', text: 'bearer-abc' })
    expect(found.entries[0]).toMatchObject({ tags: ['user:1'], key: undefined, value: undefined })
    expect(JSON.stringify(found)).not.toMatch(/bearer-abc|hunter2/)
    expect(await searchEntries(secret, true, { by: 'tag', text: 'user:1' })).toMatchObject({
      entries: [],
      tagged: 1,
    })
    await expect(searchEntries(secret, true, { by: 'pattern', text: '*' })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('are hashed') as string,
    })
  })
})

describe('the domains', () => {
  it('name every cache of the app, each once', async () => {
    const directory = await temporaryDirectory()
    const read = readConfiguration({
      flags: {},
      environment: { CACHE_BACKEND: 'memory' },
      file: {},
      directory,
      defaultDataDirectory: directory,
    })
    if ('faults' in read) throw new Error(read.faults.join('\n'))
    const database = await openDatabase({ file: join(directory, 'app.db') })
    const key = installationKey(join(directory, '.app_key'))
    const app = await openCaches(read.configuration, { records: new SessionTable(database), key })
    whenOver(() => Promise.all([app.all.close(), database.destroy()]))
    const named = domainNames.flatMap<string>((domain) => domains[domain])
    expect(named.toSorted()).toEqual(
      app.all
        .list()
        .map(({ name }) => name)
        .sort(),
    )
    expect(domainOf('quotes')).toBe('market')
  })
})
