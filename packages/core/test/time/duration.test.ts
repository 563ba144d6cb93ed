import { describe, expect, it } from 'vitest'
import { durationMs } from '@cache/ports'
import { positiveDurationMs, ttlOf } from '../../src/time/ttl.ts'

describe('durationMs', () => {
  it.each([
    [0, 0],
    [1, 1],
    ['250ms', 250],
    ['30s', 30_000],
    ['1.5h', 5_400_000],
    ['30d', 2_592_000_000],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ] as const)('of %s is %s', (duration, ms) => {
    expect(durationMs(duration, 'ttl')).toBe(ms)
  })

  it.each([-1, Number.NaN, '', '5', 'm5', '5 m', '-5m', '5mins', null, undefined])(
    'refuses %s, naming the option',
    (duration) => {
      expect(() => durationMs(duration as never, 'l1.ttl')).toThrow(
        expect.objectContaining({
          code: 'INVALID_TTL',
          message: expect.stringContaining('l1.ttl') as string,
        }),
      )
    },
  )
})

describe('ttlOf', () => {
  it('gives a function the wall clock and the value', () => {
    const ttl = ttlOf<{ open: boolean }>((wallMs, value) => (value.open ? wallMs : '1s'), 'ttl')
    expect(ttl(() => 42, { open: true })).toBe(42)
    expect(ttl(() => 42, { open: false })).toBe(1000)
  })

  it('reads no clock for a constant, which it checks at once', () => {
    const wallMs = (): never => expect.fail('the clock was read')
    expect(ttlOf('2s', 'ttl')(wallMs, undefined)).toBe(2000)
    expect(() => ttlOf('soon' as never, 'ttl')).toThrow(expect.objectContaining({ code: 'INVALID_TTL' }))
  })

  it('checks what a function returns when it is used', () => {
    expect(() => ttlOf(() => Number.NaN, 'ttl')(() => 0, undefined)).toThrow(
      expect.objectContaining({ code: 'INVALID_TTL' }),
    )
  })
})

describe('positiveDurationMs', () => {
  it('takes what is more than 0, and names the option of what is not', () => {
    expect(positiveDurationMs('2s', 'delay')).toBe(2000)
    expect(positiveDurationMs(0.5, 'delay')).toBe(0.5)
    expect(() => positiveDurationMs('0s', 'delay')).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: 'delay must be more than 0' }) as Error,
    )
  })
})
