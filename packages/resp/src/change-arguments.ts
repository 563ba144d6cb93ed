import type { Change, Condition } from '@cache/core'
import type { CommandPart } from './client/resp-client.ts'
import { entryToSend, timesToSend } from './entry-bytes.ts'

/** A script runs alone on its server: changes and bytes of one run are limited, and more of them become several runs. */
const changesPerRun = 500
const bytesPerRun = 4 * 1024 * 1024
const tagsPerPart = 5000

/** The arguments of one run of the change script. */
export interface ChangeRun {
  readonly args: CommandPart[]
  readonly count: number
}

/** Changes as arguments of one or more runs, in order. */
export function changeRuns(changes: readonly Change[]): readonly ChangeRun[] {
  const runs: ChangeRun[] = []
  let args: CommandPart[] = []
  let count = 0
  let bytes = 0
  for (const change of changes) {
    const parts = changeParts(change)
    for (const part of parts) bytes += part.length
    args.push(...parts)
    count++
    if (count < changesPerRun && bytes < bytesPerRun && args.length < tagsPerPart) continue
    runs.push({ args, count })
    args = []
    count = 0
    bytes = 0
  }
  if (count > 0) runs.push({ args, count })
  return runs
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
