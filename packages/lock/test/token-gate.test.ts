import { describe, expect, it } from 'vitest'
import { parseToken, tokenGate } from '../src/index.ts'

describe('a token gate', () => {
  it('lets growing tokens in, and the same one again', () => {
    const gate = tokenGate(5)
    for (const token of [5, 6, 6, 10]) gate.enter(token)
    expect(gate.highest).toBe(10)
  })

  it('refuses a token below the highest, which stays', () => {
    const gate = tokenGate()
    gate.enter(7)
    expect(() => gate.enter(6)).toThrow(expect.objectContaining({ code: 'STALE_TOKEN' }))
    expect(gate.highest).toBe(7)
  })

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])(
    'refuses what is no token: %s',
    (token) => {
      expect(() => tokenGate().enter(token)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }))
    },
  )

  it('reads tokens that came as text', () => {
    expect(parseToken('1766620800000001')).toBe(1_766_620_800_000_001)
    for (const text of [undefined, '', '1e9', '-1', ' 1', '12345678901234567'])
      expect(() => parseToken(text)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }))
  })
})
