import type { CacheProtection, OpenReply } from '@cache/ports'
import { describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../../../conformance/src/index.ts'
import { ReplayGuard } from '../../src/engine/replay-guard.ts'
import { Sealer } from '../../src/engine/sealer.ts'

const toleranceMs = 1000
const lifeMs = 60_000

/** A sealer whose protection opens what it is told to, as sealed when it is told. */
function sealing() {
  const clock = new ManualClock()
  const startMs = clock.wallMs()
  const reply: { open: OpenReply } = { open: openedAt(startMs) }
  const protection = {
    seal: vi.fn<CacheProtection['seal']>(() => Uint8Array.of(9)),
    open: vi.fn<CacheProtection['open']>(() => reply.open),
    isCurrent: vi.fn<CacheProtection['isCurrent']>(() => true),
    hashKey: (key: string) => key,
  }
  const guard = new ReplayGuard(toleranceMs)
  const sealer = new Sealer({ protection, confidential: true, clock, guard, toleranceMs })
  const entry = {
    payload: Uint8Array.of(9),
    format: 1,
    revision: 'r',
    version: 3,
    tags: ['t'],
    freshForMs: lifeMs,
    keptForMs: 2 * lifeMs,
    ageMs: 0,
    loadMs: 0,
    sequence: 1,
    sizeBytes: 1,
  }
  const open = (changes: Partial<typeof entry> = {}) => sealer.openStored({ ...entry, ...changes }, 'k')
  return { clock, startMs, reply, protection, sealer, entry, open }
}

function openedAt(wallMs: number): OpenReply {
  return { ok: true, payload: 'opened', times: { wallMs, freshForMs: lifeMs, keptForMs: 2 * lifeMs } }
}

function refusal(reason: string): object {
  return expect.objectContaining({
    code: 'DECRYPTION_FAILED',
    message: `A sealed entry did not open: ${reason}`,
  }) as object
}

describe('sealing', () => {
  it('seals in the place of the entry, the moment and the times', () => {
    const { sealer, protection, startMs } = sealing()
    const place = { key: 'k', format: 1, revision: 'r', version: 3, tags: ['t'], freshForMs: 5, keptForMs: 6 }
    expect(sealer.seal('value', place)).toEqual(Uint8Array.of(9))
    const times = { wallMs: startMs, freshForMs: 5, keptForMs: 6 }
    expect(protection.seal.mock.calls).toEqual([['value', place, times]])
  })

  it('opens at the place of the entry', () => {
    const { open, protection, entry, sealer } = sealing()
    expect(open().payload).toBe('opened')
    expect(sealer.openKept({ ...entry }, 'other')).toBe('opened')
    const place = { format: 1, revision: 'r', version: 3, tags: ['t'] }
    expect(protection.open.mock.calls).toEqual([
      [entry.payload, { key: 'k', ...place }],
      [entry.payload, { key: 'other', ...place }],
    ])
  })

  it('says whether something is sealed with another key; what is not sealed is not', () => {
    const { sealer, protection } = sealing()
    expect(sealer.needsResealing(Uint8Array.of(9))).toBe(false)
    protection.isCurrent.mockReturnValue(false)
    expect(sealer.needsResealing(Uint8Array.of(9))).toBe(true)
    expect(sealer.needsResealing('text')).toBe(false)
  })
})

describe('a sealed entry', () => {
  it('is refused where it is not sealed, was forged, or its key is not here', () => {
    const { open, reply } = sealing()
    expect(() => open({ payload: 'text' as never })).toThrow(refusal('it is not sealed'))
    reply.open = { ok: false, reason: 'forged' }
    expect(() => open()).toThrow(refusal('it was altered, moved or forged'))
    reply.open = { ok: false, reason: 'unknown-key' }
    expect(() => open()).toThrow(
      expect.objectContaining({
        code: 'KEY_UNAVAILABLE',
        message:
          'An entry was sealed with a key that is not here or is disabled; give this process the same keys',
      }) as Error,
    )
  })

  it('of the future is refused, further than clocks may differ', () => {
    const { open, reply, startMs } = sealing()
    reply.open = openedAt(startMs + toleranceMs)
    expect(open().payload).toBe('opened')
    reply.open = openedAt(startMs + toleranceMs + 1)
    expect(() => open()).toThrow(refusal('it was sealed in the future'))
  })

  it('keeps the times that the store tells where those are no longer than sealed in, give or take the clocks', () => {
    const { open, clock, entry } = sealing()
    clock.advance(toleranceMs)
    expect(open({}).entry).toMatchObject({ freshForMs: lifeMs, keptForMs: 2 * lifeMs, ageMs: 0 })
    clock.advance(10_000)
    const told = { freshForMs: lifeMs - 10_000, keptForMs: 2 * lifeMs - 10_000, ageMs: 10_000 }
    const same = { ...entry, ...told }
    expect(open(told).entry).toEqual(same)
    expect(open({ ...told, freshForMs: 5, keptForMs: 6 }).entry).toMatchObject({
      freshForMs: 5,
      keptForMs: 6,
    })
  })

  it.each([
    [
      { freshForMs: lifeMs + 1 },
      { freshForMs: lifeMs - 10_000, keptForMs: 2 * lifeMs - 10_000, ageMs: 10_000 },
    ],
    [
      { freshForMs: 1, keptForMs: 10 * lifeMs, ageMs: 20_000 },
      { freshForMs: 1, keptForMs: 2 * lifeMs - 10_000, ageMs: 20_000 },
    ],
    [
      { freshForMs: 1, keptForMs: 2, ageMs: 3 },
      { freshForMs: 1, keptForMs: 2, ageMs: 10_000 },
    ],
  ])('lives no longer and is no younger than was sealed in: %o', (told, expected) => {
    const { open, clock } = sealing()
    clock.advance(toleranceMs + 10_000)
    expect(open(told).entry).toMatchObject(expected)
  })

  it.each([
    ['set', { kind: 'set', key: 'k' }, 'applied'],
    ['delete', { kind: 'delete', key: 'k' }, 'applied'],
    ['delete of nothing', { kind: 'delete', key: 'k' }, 'absent'],
    ['tags', { kind: 'tags', tags: ['x', 't'] }, 'applied'],
    ['clear', { kind: 'clear' }, 'applied'],
  ] as const)('is refused where a %s of this process came later', (_name, change, outcome) => {
    const { open, clock, sealer } = sealing()
    clock.advance(toleranceMs + 1)
    sealer.noteChanges([change as never], [outcome])
    expect(() => open()).toThrow(refusal('a later entry was under its key, or it was invalidated'))
  })

  it.each([
    ['a set that conflicted', { kind: 'set', key: 'k' }, 'conflict'],
    ['a set of an older version', { kind: 'set', key: 'k' }, 'older'],
    ['an expire', { kind: 'expire', key: 'k' }, 'applied'],
    ['a set of another key', { kind: 'set', key: 'other' }, 'applied'],
    ['another tag', { kind: 'tags', tags: ['other'] }, 'applied'],
  ] as const)('stays after %s', (_name, change, outcome) => {
    const { open, clock, sealer } = sealing()
    clock.advance(toleranceMs + 1)
    sealer.noteChanges([change as never], [outcome])
    expect(open().payload).toBe('opened')
  })
})
