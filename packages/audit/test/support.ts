import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@cache/conformance'
import { createCaches, type Caches, type CachesOptions } from '@cache/core'
import { encryption } from '@cache/crypto'
import { memory } from '@cache/memory'
import { onTestFinished } from 'vitest'
import { auditLog, type AuditOptions, type AuditRecord } from '../src/index.ts'

export async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'cache-audit-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

export interface Audited {
  readonly caches: Caches
  readonly file: string
  readonly clock: ManualClock
}

/** Caches over the memory backend whose calls are recorded; time moves only when it is told to. */
export async function openAudited(
  directory: string,
  audit: AuditOptions = {},
  options: Partial<CachesOptions> = {},
): Promise<Audited> {
  const file = audit.file ?? join(directory, 'audit.log')
  const clock = new ManualClock()
  const caches = await createCaches({
    backend: memory(),
    protection: encryption({ keys: () => new Uint8Array(32).fill(7) }),
    environment: { clock },
    ...options,
    security: { ...options.security, audit: auditLog({ caches: 'all', ...audit, file }) },
  })
  onTestFinished(() => caches.close())
  return { caches, file, clock }
}

export async function linesOf(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8')).split('\n').slice(0, -1)
}

export async function recordsOf(file: string): Promise<AuditRecord[]> {
  return (await linesOf(file)).map((line) => JSON.parse(line) as AuditRecord)
}

/** Writes other lines in place of those that are there. */
export async function edit(file: string, change: (lines: string[]) => readonly string[]): Promise<void> {
  const lines = change(await linesOf(file))
  await writeFile(file, lines.map((line) => `${line}\n`).join(''))
}

/** An audit of sets and deletes, closed. */
export async function closedAudit(
  audit: AuditOptions = {},
  calls = 10,
): Promise<{ readonly file: string; readonly directory: string }> {
  const directory = await makeDirectory()
  const { caches, file } = await openAudited(directory, audit)
  const cache = caches.define<number>('settings')
  for (let index = 0; index < calls; index++) {
    await cache.set(['user', index], index)
    await cache.delete(['user', index])
  }
  await caches.close()
  return { file, directory }
}
