import type { EntryBatch, EntrySource, EntryTarget } from './portable-entry.ts'

export interface MigrateOptions {
  /** Where an earlier run ended. */
  readonly after?: string | undefined
  /** Ends the migration after the batch that is being written. */
  readonly signal?: AbortSignal | undefined
  /** Told after each batch that the target has acknowledged. */
  readonly onProgress?: ((progress: MigrateProgress) => void | Promise<void>) | undefined
}

export interface MigrateProgress {
  /** Entries of this run. */
  readonly written: number
  readonly kept: number
  /** Pass it as `after` to go on from here. */
  readonly position: string | undefined
}

export interface MigrateResult extends MigrateProgress {
  /** `false` where the signal ended it. */
  readonly done: boolean
}

/**
 * Copies all entries: payloads as they are, sealed where they are sealed, with the times that remain, tags, revisions and
 * versions. What is read next is read while the batch before it is written. Copying an entry twice does no harm.
 */
export async function migrateEntries(
  source: EntrySource,
  target: EntryTarget,
  options: MigrateOptions = {},
): Promise<MigrateResult> {
  const { after, signal, onProgress } = options
  let progress: MigrateProgress = { written: 0, kept: 0, position: after }
  const write = async (batch: EntryBatch): Promise<void> => {
    const { written, kept } = await target.write(batch)
    progress = {
      written: progress.written + written,
      kept: progress.kept + kept,
      position: batch.position,
    }
    await onProgress?.(progress)
  }
  let writing: Promise<void> = Promise.resolve()
  for await (const batch of source.batches(after)) {
    await writing
    if (signal?.aborted) return { ...progress, done: false }
    writing = write(batch)
    // Awaited above or below; this keeps an early failure from counting as unhandled.
    writing.catch(() => undefined)
  }
  await writing
  if (signal?.aborted) return { ...progress, done: false }
  await target.finish()
  return { ...progress, done: true }
}

export interface VerifyResult {
  readonly checked: number
  /** Entries of the source that the target does not have as they are. */
  readonly missing: number
}

/** Looks for every entry of the source in the target. What changed in the source since is counted as missing. */
export async function verifyEntries(
  source: EntrySource,
  target: EntryTarget,
  onProgress: (checked: number) => void = () => undefined,
): Promise<VerifyResult> {
  let checked = 0
  let missing = 0
  for await (const batch of source.batches()) {
    missing += await target.missing(batch)
    checked += batch.entries.length
    onProgress(checked)
  }
  return { checked, missing }
}
