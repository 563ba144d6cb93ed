import { open, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import { z } from 'zod'

import type { AuditEntry, AuditSelection, AuditTrail } from './audit-trail.ts'

/** A line of `@cache/audit`; what the console does not show is left out. */
const lineSchema = z.object({
  seq: z.number(),
  time: z.string(),
  cache: z.string().default(''),
  operation: z.string(),
  key: z.string().optional(),
  caller: z.string().optional(),
  hit: z.boolean().optional(),
  outcome: z.string(),
  code: z.string().optional(),
  instance: z.string(),
})

const lineBytes = 512
/** How much of the end is searched for a selection. */
const searchedBytes = 2 * 1024 * 1024
const readsAndWrites = new Set(['get', 'load', 'inspect', 'set', 'update'])

const selections: Readonly<Record<AuditSelection, (entry: AuditEntry) => boolean>> = {
  all: () => true,
  ends: ({ operation }) => !readsAndWrites.has(operation),
  refused: ({ outcome }) => outcome === 'denied' || outcome === 'failed',
}

/**
 * The audit that `@cache/audit` writes to a file: its end, read anew each time, whatever the length of the file. Lines
 * that are no records are passed over; whether any was altered is for `verifyAudit` to say.
 */
export class AuditFile implements AuditTrail {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  async latest(count: number, selection: AuditSelection = 'all'): Promise<readonly AuditEntry[]> {
    const entries: AuditEntry[] = []
    let leftBytes = selection === 'all' ? (count + 1) * lineBytes : searchedBytes
    for (const path of [this.#path, ...(await this.#closed())]) {
      const { lines, bytes } = await lastLines(path, leftBytes)
      entries.push(...lines.flatMap(entryOf).toReversed().filter(selections[selection]))
      leftBytes -= bytes
      // An older file would leave a gap behind one that was not read whole.
      if (leftBytes <= 0 || entries.length >= count) break
    }
    return entries.slice(0, count)
  }

  /** Files that the writer has closed, the newest first: `cache-audit.log.2026-11-26.4711`. */
  async #closed(): Promise<string[]> {
    const start = `${basename(this.#path)}.`
    const names = await readdir(dirname(this.#path)).catch(() => [])
    return names
      .filter((name) => name.startsWith(start) && /^\d{4}-\d{2}-\d{2}\.\d+$/.test(name.slice(start.length)))
      .sort((one, other) => Number(other.split('.').at(-1)) - Number(one.split('.').at(-1)))
      .map((name) => join(dirname(this.#path), name))
  }
}

/** Whole lines at the end of a file, and how many bytes they are at most; none where there is no such file. */
async function lastLines(
  path: string,
  bytes: number,
): Promise<{ readonly lines: readonly string[]; readonly bytes: number }> {
  const file = await open(path).catch(() => undefined)
  if (file === undefined) return { lines: [], bytes: 0 }
  try {
    const { size } = await file.stat()
    const from = Math.max(0, size - bytes)
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - from), position: from })
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n')
    return { lines: from === 0 ? lines : lines.slice(1), bytes: size - from }
  } finally {
    await file.close()
  }
}

/** The first line of each file, which only ties it to the one before, is no record. */
function entryOf(line: string): AuditEntry[] {
  const parsed = lineSchema.safeParse(jsonOf(line))
  if (!parsed.success || parsed.data.operation === 'open') return []
  const { key, caller, hit, code, ...others } = parsed.data
  return [{ ...others, key, caller, hit, code }]
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
