import { describe, expect, it } from 'vitest'
import { kindOf } from '../src/envelope.ts'
import { place, sealing, times } from './support.ts'

const shortest = { encrypt: 106, sign: 62 } as const

describe.each(['encrypt', 'sign'] as const)('what is no envelope of mode %s', (mode) => {
  it.each<[string, (envelope: Buffer) => Buffer]>([
    ['nothing', () => Buffer.alloc(0)],
    ['text', () => Buffer.from('{"access":"in the clear"}'.repeat(8))],
    ['another first byte', (envelope) => changed(envelope, 0, 0xc4)],
    ['version 0', (envelope) => changed(envelope, 1, 0)],
    ['a suite that is not known', (envelope) => changed(envelope, 2, 3)],
    ['a payload that is neither bytes nor text', (envelope) => changed(envelope, 3, 2)],
    ['one cut short', (envelope) => envelope.subarray(0, shortest[mode] - 1)],
  ])('is left as it is by a rotation: %s', async (_, change) => {
    const [before, now] = [await sealing(1, { mode }), await sealing(2, { mode })]
    const envelope = Buffer.from(before.seal('', place, times))
    expect(envelope).toHaveLength(shortest[mode])
    expect(now.isCurrent(envelope)).toBe(false)
    const other = change(envelope)
    expect(kindOf(other)).toBe('none')
    expect(now.isCurrent(other)).toBe(true)
    expect(now.open(other, place)).toEqual({ ok: false, reason: 'forged' })
  })
})

function changed(envelope: Buffer, at: number, byte: number): Buffer {
  const copy = Buffer.from(envelope)
  copy[at] = byte
  return copy
}
