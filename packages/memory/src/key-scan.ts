import type { ScanPage, ScanRequest } from '@cache/ports'
import type { VersionEntries } from './version-entries.ts'

interface Snapshot {
  readonly of: ScanRequest['of']
  readonly prefix: string
  readonly tag: string | undefined
  /** In order of UTF-16 units. */
  readonly keys: readonly string[]
}

/**
 * Pages through keys in their own order, so that a cursor is the last key of the page before it and holds good
 * whatever is used, added or removed meanwhile. The sorted keys are kept from page to page: `O(n log n)` for a
 * scan, and again for a page whose snapshot another scan has replaced.
 */
export class KeyScan {
  readonly #entries: VersionEntries
  #snapshot: Snapshot | undefined

  constructor(entries: VersionEntries) {
    this.#entries = entries
  }

  page(request: ScanRequest, nowMs: number): ScanPage {
    const { keys } = this.#snapshotFor(request)
    const limit = Math.max(1, request.limit)
    let index = request.cursor === undefined ? 0 : firstAfter(keys, request.cursor.slice(1))
    const page: string[] = []
    while (index < keys.length && page.length < limit) {
      const key = keys[index++] ?? ''
      if (this.#holds(key, request, nowMs)) page.push(key)
    }
    const last = keys[index - 1]
    if (index < keys.length && last !== undefined) return { keys: page, cursor: `>${last}` }
    this.#snapshot = undefined
    return { keys: page }
  }

  #holds(key: string, { of, tag }: ScanRequest, nowMs: number): boolean {
    if (of === 'leases') return this.#entries.leases.find(key, nowMs)?.kind === 'lease'
    if (!this.#entries.isLive(key, nowMs)) return false
    return tag === undefined || this.#entries.tier.peek(key)?.tags.includes(tag) === true
  }

  #snapshotFor(request: ScanRequest): Snapshot {
    const { of, prefix = '', tag, cursor } = request
    const kept = this.#snapshot
    if (cursor !== undefined && kept && kept.of === of && kept.prefix === prefix && kept.tag === tag)
      return kept
    const keys = of === 'leases' ? this.#entries.leases.keys() : this.#entries.keys(tag)
    this.#snapshot = { of, prefix, tag, keys: keys.filter((key) => key.startsWith(prefix)).sort() }
    return this.#snapshot
  }
}

/** Index of the first key above `last`; binary search. */
function firstAfter(keys: readonly string[], last: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((keys[middle] ?? '') > last) high = middle
    else low = middle + 1
  }
  return low
}
