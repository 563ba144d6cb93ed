import type { ChangesReply, Stamp } from '@cache/ports'
import { InvalidationLog } from './invalidation-log.ts'
import { TagGenerations } from './tag-generations.ts'
import type { VersionEntries } from './version-entries.ts'

/** What the versions of one cache share: the sequence, the log, the tags' generations. They are invalidated together. */
export class CacheHistory {
  readonly epoch: string
  readonly versions: Set<VersionEntries> = new Set()
  readonly tags: TagGenerations = new TagGenerations()
  readonly #log: InvalidationLog
  #sequence: number

  /** The sequence begins at `sequence`: above that of any state of the past, wherever that was lost. */
  constructor(epoch: string, sequence: number) {
    this.epoch = epoch
    this.#sequence = sequence
    this.#log = new InvalidationLog(sequence)
  }

  get sequence(): number {
    return this.#sequence
  }

  get stamp(): Stamp {
    return { epoch: this.epoch, sequence: this.#sequence }
  }

  /** Notes a change of a key: its entries and leases go in every version, but the entry in `keeping`. */
  changeKey(key: string, keeping?: VersionEntries): void {
    this.#sequence++
    this.#log.append({ sequence: this.#sequence, kind: 'keys', keys: [key] })
    for (const version of this.versions) {
      if (version === keeping) version.leases.end(key)
      else version.forget(key)
    }
  }

  changeTags(tags: readonly string[]): void {
    this.#sequence++
    this.#log.append({ sequence: this.#sequence, kind: 'tags', tags })
    for (const tag of tags) {
      this.tags.invalidate(tag, this.#sequence)
      for (const version of this.versions) version.forgetTag(tag)
    }
  }

  clear(): void {
    this.#sequence++
    this.#log.append({ sequence: this.#sequence, kind: 'clear' })
    for (const version of this.versions) version.clear()
  }

  changesSince(stamp: Stamp | undefined): ChangesReply {
    const reached =
      stamp?.epoch === this.epoch && stamp.sequence <= this.#sequence ? stamp.sequence : undefined
    const invalidations = reached === undefined ? undefined : this.#log.since(reached)
    if (invalidations === undefined) return { kind: 'reset', stamp: this.stamp }
    return { kind: 'log', stamp: this.stamp, invalidations }
  }
}
