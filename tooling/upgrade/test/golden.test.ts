import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { ManualClock } from '@cache/conformance'
import { systemClock, type CacheBackend, type Caches } from '@cache/core'
import { TestServer } from '@cache/tooling-servers'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  goldenCaches,
  goldenValues,
  openGolden,
  paced,
  windowed,
  writtenAtMs,
  type GoldenFacts,
} from '../src/golden-content.ts'
import {
  BackendEntries,
  createLocks,
  createSessions,
  memory,
  migrateEntries,
  redis,
  SnapshotFile,
  sqlite,
  verifyAudit,
} from '../src/library.ts'
import { restoreRedis, type DumpedKey } from '../src/redis-dump.ts'

const golden = join(import.meta.dirname, '../golden')
/** Every version of the formats that was ever released; none is removed. */
const versions = readdirSync(golden)

type Files = Readonly<Record<string, string>>

interface Content {
  readonly facts: GoldenFacts
  readonly files: Files
  readonly keys: readonly DumpedKey[]
}

/** A file of the golden state, which has some of this. */
function contentOf(version: string, file: string): Content {
  return JSON.parse(readFileSync(join(golden, version, file), 'utf8')) as Content
}

function unpacked(files: Files): string {
  const directory = mkdtempSync(join(tmpdir(), 'golden-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  for (const [name, packed] of Object.entries(files))
    writeFileSync(join(directory, name), gunzipSync(Buffer.from(packed, 'base64')), { mode: 0o600 })
  return directory
}

/**
 * A copy of a file is a cold start, as it should be. These are made to be the files that were written: what tells them
 * from a copy, and one boot of the machine from another, is set to what it is here.
 */
function makeOriginal(directory: string): void {
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.db'))) {
    const path = join(directory, name)
    const { ino, birthtimeMs } = statSync(path)
    const database = new Database(path)
    const fileId = `${ino}:${Math.round(birthtimeMs)}`
    const { changes } = database
      .prepare('UPDATE journal SET file_id = ?, unsynced = 0 WHERE file_id IS NOT NULL')
      .run(fileId)
    expect(changes).toBe(1)
    database.close()
    expect(statSync(path).ino).toBe(ino)
  }
}

function noLoader(): never {
  throw new Error('It was not found')
}

async function expectGoldenEntries(caches: Caches): Promise<void> {
  const { values, newer, secrets, signed, limited } = goldenCaches(caches)
  const found = await values.getMany(Object.keys(goldenValues))
  expect(found).toEqual(Object.values(goldenValues))
  expect(await values.getWithMeta('json')).toMatchObject({ tags: ['all', 't:json'], version: undefined })
  expect(await values.get(['part', 'with:colon', 7])).toBe('parts')
  expect(await values.getOrLoad('nothing', noLoader)).toBeUndefined()
  expect(await values.get('tagged')).toBeUndefined()
  expect(await newer.get('shape')).toEqual({ version: 2 })
  expect(await secrets.get('token')).toEqual({ access: 'secret' })
  expect(await signed.get('note')).toBe('signed')
  expect(await limited.getMany([1, 2, 3, 4])).toEqual([undefined, 2, 3, 4])
  expect(caches.stats().caches.map(({ errors, forgeries }) => errors + forgeries)).toEqual([0, 0, 0, 0, 0])
}

/** What is stored is not only read but goes on: versions, tags and limits have their meaning. */
async function expectGoldenGoesOn(caches: Caches): Promise<void> {
  const { values: cache, limited } = goldenCaches(caches)
  expect(await cache.set('versioned', 'second', { version: 2 })).toBe(true)
  expect(await cache.get('versioned')).toBe('third')
  await cache.invalidateTags(['t:map'])
  expect(await cache.get('map')).toBeUndefined()
  expect(await cache.get('date')).toEqual(goldenValues['date'])
  await cache.invalidateTags(['all'])
  expect(await cache.get('date')).toBeUndefined()
  await limited.set(5, 5)
  expect(await limited.size()).toBe(3)
}

/** The latest changes, which a process of an earlier version wrote, as one of this version learns of them. */
async function expectGoldenLog(backend: CacheBackend): Promise<void> {
  const limits = { maxEntries: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }
  const store = backend.store({ cache: 'values', version: 1, ...limits, onEvict: () => undefined })
  const { stamp } = await store.changesSince({ epoch: 'another', sequence: 0 })
  const reply = await store.changesSince({ epoch: stamp.epoch, sequence: stamp.sequence - 3 })
  expect(reply).toMatchObject({
    kind: 'log',
    invalidations: [
      { kind: 'keys', keys: ['tagged'] },
      { kind: 'tags', tags: ['gone', 'unused'] },
      { kind: 'keys', keys: ['absent'] },
    ],
  })
}

describe.each(versions)('the stored formats %s', (version) => {
  it('of SQLite are read, with locks, limits and sessions', async () => {
    const { facts, files } = contentOf(version, 'sqlite.json')
    const directory = unpacked(files)
    makeOriginal(directory)
    const backend = sqlite({ directory })
    const caches = await openGolden(backend, new ManualClock({ wallMs: writtenAtMs + 60_000 }))
    onTestFinished(() => caches.close())
    await expectGoldenLog(backend)
    await expectGoldenEntries(caches)

    const locks = createLocks(caches)
    expect(await locks.tryAcquire('golden')).toBeUndefined()
    expect((await locks.tryAcquire('another'))?.token).toBeGreaterThan(facts.token)
    const limit = windowed(caches)
    expect(await limit.consume('user')).toMatchObject({ allowed: true, remaining: 1 })
    expect(await limit.check('banned')).toMatchObject({ allowed: false, banned: true })
    expect(await paced(caches).check('user')).toMatchObject({ allowed: false, retryAfterMs: 300_000 })
    const session = await createSessions(caches).load(facts.sessionId)
    expect(session?.data).toEqual({ userId: 'ada', since: new Date(0) })
  })

  it('of SQLite go on', async () => {
    const { files } = contentOf(version, 'sqlite.json')
    const directory = unpacked(files)
    makeOriginal(directory)
    const caches = await openGolden(sqlite({ directory }), new ManualClock({ wallMs: writtenAtMs + 60_000 }))
    onTestFinished(() => caches.close())
    await expectGoldenGoesOn(caches)
    expect((await caches.health()).healthy).toBe(true)
  })

  it('of Redis are read, and go on', async () => {
    const { keys } = contentOf(version, 'redis.json')
    await using server = await TestServer.start({
      kind: 'redis',
      config: { appendonly: 'yes', appendfsync: 'always' },
    })
    await restoreRedis(server.url, keys)
    const backend = redis({ url: server.url, trust: true })
    const caches = await openGolden(backend)
    try {
      await expectGoldenLog(backend)
      await expectGoldenEntries(caches)
    } finally {
      await caches.close()
    }
    const again = await openGolden(redis({ url: server.url, trust: true }))
    try {
      await expectGoldenGoesOn(again)
      expect((await again.health()).healthy).toBe(true)
    } finally {
      await again.close()
    }
  })

  it('of transfer files are read', async () => {
    const backend = memory()
    const caches = await openGolden(backend)
    onTestFinished(() => caches.close())
    const file = new SnapshotFile(join(golden, version, 'transfer.snapshot'), systemClock)
    expect(await migrateEntries(file, new BackendEntries(backend))).toMatchObject({ done: true })
    const { values, secrets, signed } = goldenCaches(caches)
    const found = await values.getMany(Object.keys(goldenValues))
    expect(found).toEqual(Object.values(goldenValues))
    expect(await secrets.get('token')).toEqual({ access: 'secret' })
    expect(await signed.get('note')).toBe('signed')
  })

  it('of the audit are verified', async () => {
    const { files } = contentOf(version, 'audit.json')
    const file = join(unpacked(files), 'audit.log')
    const checkpoints = `${file}.checkpoints`
    expect(await verifyAudit({ file, checkpoints })).toMatchObject({ ok: true, fault: undefined })
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { operation: string }).operation)).toEqual(
      expect.arrayContaining(['set', 'get', 'delete']),
    )
    writeFileSync(file, readFileSync(file, 'utf8').replace('"operation":"delete"', '"operation":"expire"'))
    expect(await verifyAudit({ file, checkpoints })).toMatchObject({ ok: false })
  })
})
