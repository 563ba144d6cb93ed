import type { EntryBatch, EntrySource, EntryTarget, WriteOutcome } from './portable-entry.ts'

export interface MigrateOptions {
  /** Where an earlier run ended. */
  readonly after?: string | undefined
  /** Ends the migration after the batches that are being written. */
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

/** Batches on their way to the target at the same time. */
const mostUnderWay = 3

/**
 * Copies all entries: payloads as they are, sealed where they are sealed, with the times that remain, tags, revisions and
 * versions. What is read next is read while batches before it are written. Copying an entry twice does no harm.
 */
export async function migrateEntries(
  source: EntrySource,
  target: EntryTarget,
  options: MigrateOptions = {},
): Promise<MigrateResult> {
  const { after, signal } = options
  const writes = new OrderedWrites(target, options)
  for await (const batch of source.batches(after)) {
    await writes.roomFor(mostUnderWay)
    if (signal?.aborted) break
    writes.begin(batch)
  }
  const progress = await writes.end()
  if (signal?.aborted) return { ...progress, done: false }
  await target.finish()
  return { ...progress, done: true }
}

/** Several writes at a time, whose progress is told in the order of the batches. */
class OrderedWrites {
  readonly #target: EntryTarget
  readonly #options: MigrateOptions
  readonly #underWay: Promise<void>[] = []
  #latest: Promise<void> = Promise.resolve()
  #progress: MigrateProgress

  constructor(target: EntryTarget, options: MigrateOptions) {
    this.#target = target
    this.#options = options
    this.#progress = { written: 0, kept: 0, position: options.after }
  }

  begin(batch: EntryBatch): void {
    const before = this.#latest
    const outcome = this.#target.write(batch)
    this.#latest = before.then(async () => this.#done(batch, await outcome))
    // Both are awaited later; this keeps an early failure from counting as unhandled.
    for (const promise of [outcome, this.#latest]) promise.catch(() => undefined)
    this.#underWay.push(this.#latest)
  }

  /** Rejects as a write did. */
  async roomFor(count: number): Promise<void> {
    while (this.#underWay.length >= count) await this.#underWay.shift()
  }

  async end(): Promise<MigrateProgress> {
    await this.#latest
    return this.#progress
  }

  async #done(batch: EntryBatch, outcome: WriteOutcome): Promise<void> {
    const { written, kept } = this.#progress
    this.#progress = {
      written: written + outcome.written,
      kept: kept + outcome.kept,
      position: batch.position,
    }
    await this.#options.onProgress?.(this.#progress)
  }
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
