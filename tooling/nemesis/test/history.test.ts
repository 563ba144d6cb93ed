import { describe, expect, it } from 'vitest'
import { eventKind, type EventKind } from '../src/events.ts'
import { History } from '../src/history.ts'
import { withinMs } from '../src/plan.ts'

interface Told {
  readonly kind: EventKind
  readonly version: number
  readonly atMs: number
  readonly by?: string
}

/** A history of one key in which every call takes a millisecond. */
function historyOf(...told: readonly Told[]): History {
  const history = new History()
  for (const { kind, version, atMs, by = 'a' } of told) {
    const event = { kind, key: 1, version, beginMs: atMs, endMs: atMs + 1 }
    if (kind === eventKind.read || kind === eventKind.naiveRead) history.read(by, event)
    else history.acknowledged(by, event)
  }
  history.checkUntil(Number.POSITIVE_INFINITY)
  return history
}

const { read, acknowledged, naiveRead, naiveAcknowledged } = eventKind

describe('a read', () => {
  it('of what was acknowledged, or newer, is right', () => {
    const history = historyOf(
      { kind: acknowledged, version: 2, atMs: 0, by: 'b' },
      { kind: read, version: 2, atMs: 5000 },
      { kind: read, version: 3, atMs: 5000 },
    )
    expect([history.checkedReads, history.staleReads.length]).toEqual([2, 0])
  })

  it('may be behind others within the bound, and not beyond it', () => {
    const change = { kind: acknowledged, version: 2, atMs: 0, by: 'b' }
    expect(historyOf(change, { kind: read, version: 1, atMs: withinMs - 10 }).staleReads).toEqual([])
    const [stale] = historyOf(change, { kind: read, version: 1, atMs: withinMs + 10 }).staleReads
    expect(stale).toMatchObject({ floor: 2, rule: 'within the bound' })
    expect(stale?.history.join()).toContain('b acknowledged 2')
  })

  it('is never behind a change of its own process', () => {
    const { staleReads } = historyOf(
      { kind: acknowledged, version: 2, atMs: 0 },
      { kind: read, version: 1, atMs: 2 },
    )
    expect(staleReads).toMatchObject([{ rule: 'its own change' }])
  })

  it('that began before the acknowledgement claims nothing', () => {
    const { staleReads } = historyOf(
      { kind: acknowledged, version: 2, atMs: 10 },
      { kind: read, version: 1, atMs: 10 },
    )
    expect(staleReads).toEqual([])
  })

  it('is held against changes in whatever order they are told', () => {
    const { staleReads } = historyOf(
      { kind: acknowledged, version: 5, atMs: 4000, by: 'b' },
      { kind: acknowledged, version: 3, atMs: 1000, by: 'c' },
      { kind: read, version: 2, atMs: 3000 },
      { kind: read, version: 3, atMs: 3000 },
      { kind: read, version: 4, atMs: 9000 },
    )
    expect(staleReads.map(({ floor }) => floor)).toEqual([3, 5])
  })

  it('waits until everyone has told of the time before it', () => {
    const history = new History()
    history.read('a', { kind: read, key: 1, version: 1, beginMs: 5000, endMs: 5001 })
    history.checkUntil(4000)
    expect(history.checkedReads).toBe(0)
    history.acknowledged('b', { kind: acknowledged, key: 1, version: 2, beginMs: 0, endMs: 1 })
    history.checkUntil(6000)
    expect(history.staleReads).toHaveLength(1)
  })
})

it('the naive cache is counted by itself', () => {
  const history = historyOf(
    { kind: naiveAcknowledged, version: 2, atMs: 0, by: 'b' },
    { kind: naiveRead, version: 1, atMs: 5000 },
    { kind: read, version: 1, atMs: 5000 },
  )
  expect([history.naiveReads, history.naiveStale, history.staleReads.length]).toEqual([1, 1, 0])
})
