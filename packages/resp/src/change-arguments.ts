import type { Change, Condition } from '@cache/ports'
import type { CommandPart } from './client/resp-client.ts'
import { entryToSend, sentPrefix, timesToSend } from './entry-bytes.ts'

const noBytes = Buffer.alloc(0)

/** A script runs alone on its server: changes and bytes of one run are limited, and more of them become several runs. */
const changesPerRun = 500
const bytesPerRun = 4 * 1024 * 1024
const partsPerRun = 5000

/** The arguments of one run of the change script. */
export interface ChangeRun {
  readonly args: CommandPart[]
  readonly count: number
  /** The same for the script of plain sets, where all are that. */
  readonly put: readonly CommandPart[] | undefined
}

/** Changes as arguments of one or more runs, in order. */
export function changeRuns(changes: readonly Change[]): readonly ChangeRun[] {
  const runs: ChangeRun[] = []
  let draft = new Draft()
  for (const change of changes) {
    draft.add(change)
    if (!draft.isFull) continue
    runs.push(draft)
    draft = new Draft()
  }
  if (draft.count > 0) runs.push(draft)
  return runs
}

/** A run that is being put together. Which of the two scripts it is for is known at its end. */
class Draft implements ChangeRun {
  count = 0
  #bytes = 0
  #length = 0
  #grows = false
  #isPlain = true
  readonly #parts: (readonly CommandPart[])[] = []

  get args(): CommandPart[] {
    return this.#grows ? ['G', ...this.#parts.flat()] : this.#parts.flat()
  }

  get put(): readonly CommandPart[] | undefined {
    return this.#isPlain ? putParts(this.#parts) : undefined
  }

  get isFull(): boolean {
    return this.count >= changesPerRun || this.#bytes >= bytesPerRun || this.#length >= partsPerRun
  }

  add(change: Change): void {
    const parts = changeParts(change)
    this.#parts.push(parts)
    this.count++
    this.#length += parts.length
    for (const part of parts) this.#bytes += part.length
    this.#grows ||= change.kind === 'set'
    this.#isPlain &&= isPlainSet(change)
  }
}

/** Times that are those of the entry before are left out. */
function putParts(sets: readonly (readonly CommandPart[])[]): readonly CommandPart[] {
  const args: CommandPart[] = [JSON.stringify(sets.map(([, key]) => key))]
  let former: Buffer = noBytes
  for (const [, key = '', , entry] of sets) {
    const bytes = entry as Buffer
    const times = bytes.subarray(0, sentPrefix)
    args.push(key, times.equals(former) ? '' : times, bytes.subarray(sentPrefix))
    former = times
  }
  return args
}

function isPlainSet(change: Change): boolean {
  if (change.kind !== 'set' || change.when) return false
  const { tags, version, keptForMs } = change.entry
  return tags.length === 0 && version === undefined && keptForMs > 0
}

function changeParts(change: Change): readonly CommandPart[] {
  switch (change.kind) {
    case 'set':
      return ['S', change.key, conditionPart(change.when), entryToSend(change.entry)]
    case 'delete':
      return ['D', change.key, conditionPart(change.when)]
    case 'expire':
      return ['E', change.key, conditionPart(change.when), timesToSend(change.freshForMs, change.keptForMs)]
    case 'tags':
      return ['T', String(change.tags.length), ...change.tags]
    default:
      return ['C']
  }
}

function conditionPart(when: Condition | undefined): string {
  if (!when) return ''
  return when.kind === 'absent' ? 'A' : `R${when.revision}`
}
