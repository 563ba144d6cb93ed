import { isCacheError } from '@cache/core'
import { describe, expect, it } from 'vitest'
import { byteSize } from '../src/byte-size.ts'
import { memory, type ByteSize, type MemoryOptions } from '../src/index.ts'

describe('byte sizes', () => {
  it.each([
    [1, 1],
    [1000.7, 1000],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ['1kb', 1024],
    ['64mb', 67_108_864],
    ['1.5gb', 1_610_612_736],
  ] as const)('reads %s as %d bytes', (size, bytes) => {
    expect(byteSize(size, 'maxBytes')).toBe(bytes)
  })

  it.each([0, -1, Number.NaN, '64', '64 mb', '64MB', 'mb', '-1mb', '', '0kb', null, {}])(
    'refuses %s',
    (size) => {
      expect(() => byteSize(size as ByteSize, 'maxBytes')).toThrow('maxBytes must be 1 or more bytes')
    },
  )
})

describe('the options of memory', () => {
  it('are refused at once, by name', () => {
    const faulty: readonly [MemoryOptions, string][] = [
      [{ maxBytes: 0 }, 'maxBytes'],
      [{ maxBytes: '1tb' as ByteSize }, 'maxBytes'],
      [{ maxEntries: 0 }, 'maxEntries'],
      [{ maxEntries: 1.5 }, 'maxEntries'],
      [{ maxEntries: Number.NaN }, 'maxEntries'],
      [{ maxSize: 100 } as MemoryOptions, "no option 'maxSize'; its options are maxBytes, maxEntries"],
    ]
    for (const [options, message] of faulty) {
      expect(() => memory(options)).toThrow(message)
      expect(() => memory(options)).toThrow(
        expect.toSatisfy((error: unknown) => isCacheError(error, 'INVALID_OPTION')),
      )
    }
  })

  it('may be left out', () => {
    expect(memory().name).toBe('memory')
    expect(memory({ maxBytes: undefined, maxEntries: Number.POSITIVE_INFINITY }).name).toBe('memory')
  })
})
