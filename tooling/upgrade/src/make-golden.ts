// `pnpm run golden`: writes the golden state of the present formats, once for each version of a format; what was
// committed is never written again.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { gzipSync } from 'node:zlib'
import { ManualClock } from '@cache/conformance'
import { TestServer } from '@cache/tooling-servers'
import { openGolden, writeGolden, writtenAtMs } from './golden-content.ts'
import {
  auditLog,
  BackendEntries,
  createCaches,
  encryption,
  memory,
  migrateEntries,
  redis,
  SnapshotFile,
  sqlite,
} from './library.ts'
import { dumpRedis } from './redis-dump.ts'

const [, , version = ''] = process.argv
const folder = join(import.meta.dirname, '../golden', version)
if (!/^v\d+$/.test(version) || existsSync(folder))
  throw new Error('Name a new version of the formats, such as v2')
const scratch = mkdtempSync(join(tmpdir(), 'golden-'))
mkdirSync(folder, { recursive: true })
try {
  await writeSqlite()
  await writeRedis()
  await writeAudit()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** The files of SQLite, and entries of them as a transfer file. */
async function writeSqlite(): Promise<void> {
  const directory = join(scratch, 'db')
  const clock = new ManualClock({ wallMs: writtenAtMs })
  const backend = sqlite({ directory })
  const caches = await openGolden(backend, clock)
  const facts = await writeGolden(caches)
  const file = join(folder, 'transfer.snapshot')
  const entries = new BackendEntries(backend, { caches: ['values', 'auth', 'signed'] })
  await migrateEntries(entries, new SnapshotFile(file, clock))
  await caches.close()
  writeJson('sqlite.json', { facts, files: packedFiles(directory) })
}

async function writeRedis(): Promise<void> {
  await using server = await TestServer.start({ kind: 'redis' })
  const caches = await openGolden(redis({ url: server.url }))
  const facts = await writeGolden(caches)
  writeJson('redis.json', { facts, keys: await dumpRedis(server.url) })
  await caches.close()
}

async function writeAudit(): Promise<void> {
  const directory = join(scratch, 'audit')
  const file = join(directory, 'audit.log')
  const audit = auditLog({
    file,
    instance: 'golden',
    caches: 'all',
    checkpoints: { file: `${file}.checkpoints` },
  })
  const protection = encryption({ keys: () => Buffer.alloc(32, 9) })
  const caches = await createCaches({ backend: memory(), protection, security: { audit } })
  const cache = caches.define<number>('numbers')
  await cache.set('one', 1)
  await cache.get('one')
  await cache.delete('one')
  await caches.close()
  writeJson('audit.json', { files: packedFiles(directory) })
}

function packedFiles(directory: string): Record<string, string> {
  const names = readdirSync(directory).toSorted()
  return Object.fromEntries(
    names.map((name) => [
      name,
      gzipSync(readFileSync(join(directory, name)), { level: 9 }).toString('base64'),
    ]),
  )
}

function writeJson(file: string, content: object): void {
  writeFileSync(join(folder, file), `${JSON.stringify(content, undefined, 1)}\n`)
}
