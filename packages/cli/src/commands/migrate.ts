import process from 'node:process'
import {
  BackendEntries,
  migrateEntries,
  SnapshotFile,
  verifyEntries,
  type EntrySource,
  type EntryTarget,
  type MigrateProgress,
  type MigrateResult,
  type VerifyResult,
} from '@cache/transfer'
import { CliFault, exitCodes, type ExitCode } from '../exit-codes.ts'
import { MigrationState } from '../migration-state.ts'
import { openBackend, withoutSecret } from '../open-backend.ts'
import type { CommandContext } from '../settings.ts'
import { grouped, progressBar } from '../terminal.ts'

export interface MigrateFlags {
  readonly cache?: readonly string[] | undefined
  readonly keepExisting?: boolean | undefined
  readonly verify: boolean
  readonly restart?: boolean | undefined
  readonly state: string
}

/** Copies the entries of one place to another, with times, tags and ciphertext, and looks whether all arrived. */
export async function migrate(
  context: CommandContext,
  from: string,
  to: string,
  flags: MigrateFlags,
): Promise<ExitCode> {
  if (from === to) throw new CliFault(exitCodes.usage, 'FROM and TO are the same place')
  const source = await openPlace(context, from, flags)
  const target = await openPlace(context, to, flags).catch(async (error: unknown) => {
    await source.entries.close()
    throw error
  })
  warnOfPrefixes(context, source.prefix, target.prefix)
  try {
    return await copy(context, { from, to, source: source.entries, target: target.entries, flags })
  } finally {
    await Promise.all([source.entries.close(), target.entries.close()])
  }
}

/** What is sealed opens under the prefix that it was sealed with. */
function warnOfPrefixes(
  { terminal }: CommandContext,
  from: string | undefined,
  to: string | undefined,
): void {
  if (from === undefined || to === undefined || from === to) return
  terminal.note(
    `! Keys begin with ${from} there and with ${to} here: what is encrypted will not open. Set CACHE_KEY_PREFIX, or --prefix.`,
  )
}

interface Migration {
  readonly from: string
  readonly to: string
  readonly source: EntrySource
  readonly target: EntryTarget
  readonly flags: MigrateFlags
}

async function copy(context: CommandContext, migration: Migration): Promise<ExitCode> {
  const { from, to, source, target, flags } = migration
  const { terminal } = context
  const state = new MigrationState(flags.state, from, to)
  // A file is whole or not at all, so there is nothing to go on with.
  const earlier = flags.restart || isSnapshot(to) ? undefined : state.read()
  if (earlier) terminal.note(`Going on after ${grouped(earlier.written)} entries of an earlier run.`)
  const total = await source.count()
  const result = await copyUntilInterrupted(context, migration, { state, total, earlier })
  const written = (earlier?.written ?? 0) + result.written
  if (!result.done) {
    const hint = isSnapshot(to) ? 'The file was not written.' : 'The same command goes on from here.'
    terminal.result({ done: false, written, kept: result.kept }, () => {
      terminal.line(`Interrupted after ${grouped(written)} entries. ${hint}`)
    })
    return exitCodes.interrupted
  }
  const verified = flags.verify ? await verify(context, source, target, total) : undefined
  state.remove()
  terminal.result({ done: true, written, kept: result.kept, ...verified }, () => {
    const kept = result.kept > 0 ? `, ${grouped(result.kept)} left as they were there` : ''
    terminal.line(`${grouped(written)} entries from ${withoutSecret(from)} to ${withoutSecret(to)}${kept}.`)
    if (verified && verified.missing === 0) terminal.line(`All ${grouped(verified.checked)} are there.`)
    else if (verified)
      terminal.line(`${grouped(verified.missing)} of ${grouped(verified.checked)} are not there.`)
  })
  return verified && verified.missing > 0 ? exitCodes.failed : exitCodes.done
}

interface Standing {
  readonly state: MigrationState
  readonly total: number
  readonly earlier: { readonly position: string; readonly written: number } | undefined
}

async function copyUntilInterrupted(
  { terminal }: CommandContext,
  { source, target, to }: Migration,
  { state, total, earlier }: Standing,
): Promise<MigrateResult> {
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  const before = earlier?.written ?? 0
  const onProgress = ({ written, kept, position }: MigrateProgress): void => {
    if (position !== undefined && !isSnapshot(to)) state.write(position, before + written)
    const done = before + written + kept
    terminal.progress(`${progressBar(done, total)}  ${grouped(done)} of ${grouped(total)} entries`)
  }
  try {
    const result = await migrateEntries(source, target, {
      after: earlier?.position,
      signal: stop.signal,
      onProgress,
    })
    return result
  } finally {
    terminal.progressEnd()
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

async function verify(
  { terminal }: CommandContext,
  source: EntrySource,
  target: EntryTarget,
  total: number,
): Promise<VerifyResult> {
  const result = await verifyEntries(source, target, (checked) =>
    terminal.progress(`${progressBar(checked, total)}  ${grouped(checked)} verified`),
  )
  terminal.progressEnd()
  return result
}

function isSnapshot(place: string): boolean {
  return place.startsWith('memory:')
}

interface OpenedPlace {
  readonly entries: BackendEntries | SnapshotFile
  /** A file has none. */
  readonly prefix: string | undefined
}

async function openPlace(
  context: CommandContext,
  place: string,
  { cache, keepExisting }: MigrateFlags,
): Promise<OpenedPlace> {
  if (isSnapshot(place))
    return { entries: new SnapshotFile(place.slice('memory:'.length)), prefix: undefined }
  const { backend, prefix } = await openBackend(context, place === 'env' ? undefined : place)
  return { entries: new BackendEntries(backend, { caches: cache, keepExisting }), prefix }
}
