import { randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { uptime } from 'node:os'
import type { Clock } from '@cache/ports'
import type { FileState } from './file-state.ts'

/** A wall clock this far behind what the file has seen says nothing about how much time has passed. */
const maxBehindMs = 60_000

/** Two estimates of the moment of boot that differ by less are of the same boot. */
const bootToleranceMs = 5000

export function newEpoch(): string {
  return randomBytes(12).toString('base64url')
}

/**
 * The machine's present boot. Where the system has no id for it, the moment of boot stands for it; then a step of
 * the wall clock looks like a reboot, which costs a cold start and nothing else.
 */
export function currentBootId(clock: Clock): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return `~${Math.round(clock.wallMs() - uptime() * 1000)}`
  }
}

/** What tells a file from a copy of it or from another under its name; `undefined` where there is none to be seen. */
export function fileIdOf(path: string): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats && `${stats.ino}:${Math.round(stats.birthtimeMs)}`
  } catch {
    return undefined
  }
}

/** Why what the file holds may not be used; `undefined` when it may. */
export function reasonForNewEpoch(
  state: FileState,
  present: { readonly bootId: string; readonly fileId: string; readonly wallMs: number },
): string | undefined {
  if (state.fileId !== present.fileId) return 'the file is a copy or was put in place of another'
  if (state.unsynced === 1 && !isSameBoot(state.bootId, present.bootId))
    return 'the machine stopped before the latest changes were safe on disk'
  if (state.highWater - present.wallMs > maxBehindMs)
    return 'the clock is behind the times in the file, so that ages cannot be told'
  return undefined
}

function isSameBoot(one: string, other: string): boolean {
  if (!one.startsWith('~') || !other.startsWith('~')) return one === other
  return Math.abs(Number(one.slice(1)) - Number(other.slice(1))) < bootToleranceMs
}
