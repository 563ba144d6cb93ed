import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { during, faultyBackend, ManualClock, referenceBackend } from '@cache/conformance'
import { memory } from '@cache/memory'
import { systemClock, type CacheBackend, type Caches } from '@cache/core'
import {
  BackendEntries,
  migrateEntries,
  SnapshotFile,
  verifyEntries,
  type BackendEntriesOptions,
  type EntryBatch,
} from '../src/index.ts'
import { openCaches, settle } from '../../core/test/support/open-caches.ts'

function file(): string {
  const directory = mkdtempSync(join(tmpdir(), 'transfer-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return join(directory, 'kept/entries.snapshot')
}

async function filled(backend: CacheBackend, count = 25, clock = new ManualClock()): Promise<Caches> {
  const caches = await openCaches({ backend, environment: { clock }, upkeep: { onStart: false } })
  const numbers = caches.define<number>('numbers', { ttl: '1h' })
  await numbers.setMany(
    Array.from({ length: count }, (_, index) => [`k${index}`, index] as const),
    { tags: ['all'] },
  )
  return caches
}

async function started(backend: CacheBackend, options?: BackendEntriesOptions): Promise<BackendEntries> {
  await backend.start({ prefix: 'cache', clock: systemClock, report: () => undefined })
  return new BackendEntries(backend, options)
}

describe('entries of a backend', () => {
  it('are listed by cache and schema version, without the caches that a backend makes for itself', async () => {
    const backend = referenceBackend()
    const caches = await filled(backend)
    await caches.define('other', { version: 3 }).set('a', 1)
    await caches.define('empty').size()
    await caches.health()
    expect(await new BackendEntries(backend).list()).toEqual([
      { cache: 'numbers', version: 1, count: 25 },
      { cache: 'other', version: 3, count: 1 },
    ])
    expect(await new BackendEntries(backend, { caches: ['other', 'none'] }).list()).toHaveLength(1)
    expect(await new BackendEntries(backend, { versions: [1] }).count()).toBe(25)
  })

  it('go on after any position, in batches, across caches', async () => {
    const backend = referenceBackend()
    const caches = await filled(backend)
    await caches.define('a-first').set('x', 1)
    await caches.define('z-last').set('x', 1)
    const entries = new BackendEntries(backend, { batchSize: 7 })
    const all: EntryBatch[] = await Array.fromAsync(entries.batches())
    const keysOf = (batches: readonly EntryBatch[]): string[] =>
      batches.flatMap((batch) => batch.entries.map(({ key }) => `${batch.cache}/${key}`))
    expect(new Set(keysOf(all)).size).toBe(27)
    for (const [index, { position }] of all.entries()) {
      const rest = await Array.fromAsync(entries.batches(position))
      expect(keysOf(rest)).toEqual(keysOf(all.slice(index + 1)))
    }
    await expect(Array.fromAsync(entries.batches('elsewhere'))).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    })
    await expect(Array.fromAsync(entries.batches('{}'))).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })

  it('leave a memory backend encoded, and keep their types', async () => {
    const backend = memory()
    const caches = await openCaches({ backend })
    const values = {
      date: new Date(5),
      map: new Map([[1, 2]]),
      bytes: new Uint8Array([1, 2]),
      plain: { a: 1 },
    }
    const cache = caches.define<unknown>('values', { ttl: Number.POSITIVE_INFINITY })
    for (const [key, value] of Object.entries(values)) await cache.set(key, value)
    const target = referenceBackend()
    await migrateEntries(new BackendEntries(backend), await started(target))
    const arrived = await openCaches({ backend: target })
    const there = arrived.define<unknown>('values')
    for (const [key, value] of Object.entries(values)) expect(await there.get(key)).toEqual(value)
    expect(await there.ttl('plain')).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('a migration', () => {
  it('tells its progress, stops where it is told, and goes on from there', async () => {
    const source = referenceBackend()
    await filled(source)
    const target = await started(referenceBackend())
    const entries = new BackendEntries(source, { batchSize: 5 })
    const stop = new AbortController()
    const first = await migrateEntries(entries, target, {
      signal: stop.signal,
      onProgress: ({ written }) => {
        if (written === 10) stop.abort()
      },
    })
    // Those that were under way were ended.
    expect(first.done).toBe(false)
    expect(first.written).toBeGreaterThanOrEqual(10)
    const second = await migrateEntries(entries, target, { after: first.position })
    expect(second).toMatchObject({ done: true, written: 25 - first.written })
    expect(await verifyEntries(entries, target)).toEqual({ checked: 25, missing: 0 })
  })

  it('tells its progress in order, though later batches may be there first', async () => {
    const source = referenceBackend()
    await filled(source)
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
    const asked: number[] = []
    const target = {
      write: async ({ entries }: EntryBatch) => {
        const index = asked.push(entries.length) - 1
        await gates[index]?.promise
        return { written: entries.length, kept: 0 }
      },
      missing: async () => 0,
      finish: async () => undefined,
      close: async () => undefined,
    }
    const written: number[] = []
    const migration = migrateEntries(new BackendEntries(source, { batchSize: 5 }), target, {
      onProgress: (progress) => void written.push(progress.written),
    })
    await settle()
    expect(asked).toHaveLength(3)
    gates[2]?.resolve()
    gates[1]?.resolve()
    await settle()
    expect(written).toEqual([])
    gates[0]?.resolve()
    for (const gate of gates) gate.resolve()
    expect(await migration).toMatchObject({ done: true, written: 25 })
    expect(written).toEqual([5, 10, 15, 20, 25])
  })

  it('does not replace what is newer by the source’s own version, nor what is to stay', async () => {
    const source = referenceBackend()
    const caches = await openCaches({ backend: source })
    const cache = caches.define<string>('values')
    await cache.set('versioned', 'old', { version: 1 })
    await cache.set('plain', 'old')
    const target = referenceBackend()
    const arrived = (await openCaches({ backend: target })).define<string>('values')
    await arrived.set('versioned', 'new', { version: 2 })
    await arrived.set('plain', 'new')
    const entries = new BackendEntries(source)
    const keeping = new BackendEntries(target, { keepExisting: true })
    expect(await migrateEntries(entries, keeping)).toMatchObject({ written: 0, kept: 2 })
    expect(await verifyEntries(entries, keeping)).toEqual({ checked: 2, missing: 0 })
    const replacing = new BackendEntries(target)
    expect(await migrateEntries(entries, replacing)).toMatchObject({ written: 1, kept: 1 })
    expect(await arrived.getMany(['versioned', 'plain'])).toEqual(['new', 'old'])
    expect(await verifyEntries(entries, replacing)).toEqual({ checked: 2, missing: 0 })
  })

  it('finds what is missing', async () => {
    const source = referenceBackend()
    await filled(source)
    const target = referenceBackend()
    const there = await started(target)
    await migrateEntries(new BackendEntries(source), there)
    const arrived = (await openCaches({ backend: target })).define<number>('numbers')
    await arrived.delete('k3')
    await arrived.set('k4', 4)
    const counted: number[] = []
    const result = await verifyEntries(new BackendEntries(source, { batchSize: 20 }), there, (checked) =>
      counted.push(checked),
    )
    expect(result).toEqual({ checked: 25, missing: 2 })
    expect(counted).toEqual([20, 25])
  })

  it('rejects when the target fails, and what was acknowledged is told', async () => {
    const source = referenceBackend()
    await filled(source)
    let down = false
    const fault = { kind: 'fail', code: 'BACKEND_FULL' } as const
    const target = await started(
      faultyBackend(
        referenceBackend(),
        during(() => down, fault),
      ),
    )
    let position: string | undefined
    let told = 0
    const migration = migrateEntries(new BackendEntries(source, { batchSize: 5 }), target, {
      onProgress: (progress) => {
        position = progress.position
        told = progress.written
        down = progress.written >= 10
      },
    })
    await expect(migration).rejects.toMatchObject({ code: 'BACKEND_FULL' })
    down = false
    const rest = await migrateEntries(new BackendEntries(source, { batchSize: 5 }), target, {
      after: position,
    })
    expect(rest).toMatchObject({ done: true, written: 25 - told })
  })
})

describe('a snapshot file', () => {
  it('carries a memory backend over a restart, with the times that remain by the wall clock', async () => {
    const path = file()
    const clock = new ManualClock()
    const before = memory()
    const caches = await openCaches({ backend: before, environment: { clock } })
    const cache = caches.define<unknown>('values', { ttl: '1h', loading: { staleFor: '1h' } })
    await cache.set('value', { at: new Date(7) }, { tags: ['t'], version: 4 })
    await cache.set('short', 1, { ttl: '1m' })
    await cache.set('bytes', new Uint8Array([0, 255, 10]))
    await cache.set('forever', 1, { ttl: Number.POSITIVE_INFINITY })
    const written = await migrateEntries(new BackendEntries(before), new SnapshotFile(path, clock))
    expect(written).toMatchObject({ done: true, written: 4 })
    expect(statSync(path).mode & 0o777).toBe(0o600)

    const later = new ManualClock({ wallMs: clock.wallMs() + 30 * 60_000 })
    const after = memory()
    const arrived = await openCaches({ backend: after, environment: { clock: later } })
    const source = new SnapshotFile(path, later)
    await migrateEntries(source, new BackendEntries(after))
    const there = arrived.define<unknown>('values')
    expect(await there.getWithMeta('value')).toMatchObject({
      value: { at: new Date(7) },
      tags: ['t'],
      version: 4,
      freshForMs: 30 * 60_000,
      ageMs: 30 * 60_000,
    })
    expect(await there.getWithMeta('short')).toMatchObject({ stale: true })
    expect(await there.get('bytes')).toEqual(new Uint8Array([0, 255, 10]))
    expect(await there.ttl('forever')).toBe(Number.POSITIVE_INFINITY)
    const muchLater = new SnapshotFile(path, new ManualClock({ wallMs: clock.wallMs() + 86_400_000 }))
    expect(await muchLater.count()).toBe(1)
  })

  it('goes on after any position, and holds several caches', async () => {
    const path = file()
    const source = memory()
    const caches = await filled(source, 1200)
    await caches.define('other', { version: 2 }).set('a', 1)
    await migrateEntries(new BackendEntries(source, { batchSize: 70 }), new SnapshotFile(path))
    const snapshot = new SnapshotFile(path)
    const all: EntryBatch[] = await Array.fromAsync(snapshot.batches())
    expect(all.map(({ cache, version, entries }) => [cache, version, entries.length])).toEqual([
      ['numbers', 1, 500],
      ['numbers', 1, 500],
      ['numbers', 1, 200],
      ['other', 2, 1],
    ])
    for (const [index, { position }] of all.entries()) {
      const rest = await Array.fromAsync(snapshot.batches(position))
      expect(rest.flatMap(({ entries }) => entries.map(({ key }) => key))).toEqual(
        all.slice(index + 1).flatMap(({ entries }) => entries.map(({ key }) => key)),
      )
    }
  })

  it('is whole or not there', async () => {
    const path = file()
    const source = memory()
    await filled(source)
    const stop = new AbortController()
    const target = new SnapshotFile(path)
    const options = { signal: stop.signal, onProgress: () => stop.abort() }
    expect(await migrateEntries(new BackendEntries(source), target, options)).toMatchObject({ done: false })
    await target.close()
    expect([existsSync(path), existsSync(`${path}.partial`)]).toEqual([false, false])
    const empty = new SnapshotFile(path)
    await migrateEntries(new BackendEntries(memory()), empty)
    expect(await empty.count()).toBe(0)
    await empty.close()
  })

  it.each([
    ['cut short', (text: string) => text.slice(0, text.lastIndexOf('{"end"')), 'is cut short'],
    ['damaged', (text: string) => text.slice(0, -20), 'is damaged'],
    ['something else', () => 'hello\n', 'is damaged'],
    ['another JSON', () => '{"a":1}\n', 'is no snapshot'],
    ['empty', () => '', 'is cut short'],
    ['newer', (text: string) => text.replace('"version":1', '"version":2'), 'is of a newer version'],
  ])('that is %s is refused', async (_name, change, message) => {
    const path = file()
    const source = memory()
    await filled(source)
    await migrateEntries(new BackendEntries(source), new SnapshotFile(path))
    writeFileSync(path, change(readFileSync(path, 'utf8')))
    const target = await started(referenceBackend())
    await expect(migrateEntries(new SnapshotFile(path), target)).rejects.toMatchObject({
      code: 'BACKEND_CORRUPT',
      message: expect.stringContaining(message) as string,
    })
  })

  it('that is not there is told from one that is damaged', async () => {
    await expect(new SnapshotFile(file()).count()).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
  })
})
