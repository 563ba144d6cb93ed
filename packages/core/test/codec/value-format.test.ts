import { valueFormat as format } from '@cache/ports'
import { describe, expect, it } from 'vitest'
import { decodeValue, encodeValue } from '../../src/codec/value-format.ts'

function roundTrip(value: unknown): unknown {
  const { payload, format: id } = encodeValue(value)
  // Stores give bytes back as a plain Uint8Array.
  return decodeValue(typeof payload === 'string' ? payload : new Uint8Array(payload), id, undefined)
}

const cyclic: Record<string, unknown> = { name: 'loop' }
cyclic['self'] = cyclic

class Money {
  readonly amount = 1
}

describe('encodeValue and decodeValue', () => {
  it.each([
    ['null', null],
    ['false', false],
    ['zero', 0],
    ['the empty text', ''],
    ['a nested object', { a: [1, { b: null }], c: '✓' }],
    ['an empty list', []],
    ['minus zero', -0],
    ['NaN', Number.NaN],
    ['an infinite number', { at: Number.NEGATIVE_INFINITY }],
    ['undefined inside', { a: undefined, b: [undefined] }],
    ['a bigint', 2n ** 70n],
    ['a Date', new Date('2026-01-02T03:04:05.006Z')],
    ['an invalid Date', [new Date(Number.NaN)]],
    ['a Map with object keys', new Map([[{ k: 1 }, new Set([1n])]])],
    ['a RegExp', /a+/giu],
    ['a URL', new URL('https://example.com/?q=1')],
    ['holes', [1, , 3]], // oxlint-disable-line no-sparse-arrays -- what is tested
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 })],
    [
      'typed arrays',
      { f: Float64Array.of(1.5, Number.NaN), b: BigInt64Array.of(-1n), u: Uint8ClampedArray.of(9) },
    ],
    ['a DataView and an ArrayBuffer', [new DataView(Uint8Array.of(1, 2).buffer), Uint8Array.of(3).buffer]],
    ['bytes', Uint8Array.of(0, 255, 10)],
    ['no bytes', new Uint8Array(0)],
    ['a Buffer', Buffer.from('héllo')],
    ['a Buffer inside', { raw: Buffer.from([0, 200]) }],
    ['a lone surrogate', 'a\ud800b'],
    ['150 levels', deep(150)],
  ])('carry %s with its type', (_name, value) => {
    const back = roundTrip(value)
    expect(back).toStrictEqual(value)
    expect(Object.getPrototypeOf(Object(back))).toBe(Object.getPrototypeOf(Object(value)))
  })

  it('carry cycles and repeated references', () => {
    const back = roundTrip(cyclic) as typeof cyclic
    expect(back['self']).toBe(back)
    const shared = { x: 1 }
    const [one, other] = roundTrip([shared, shared, new Date(0)]) as [object, object]
    expect(one).toBe(other)
  })

  it('keep plain data readable as JSON', () => {
    expect(encodeValue({ symbol: 'INFY', lots: [1, 2] })).toEqual({
      payload: '{"symbol":"INFY","lots":[1,2]}',
      format: format.json,
    })
  })

  it('never store what other views of a buffer hold', () => {
    const pool = Buffer.from('xxxxSECRETyyyy')
    const { payload } = encodeValue({
      view: new Uint8Array(pool.buffer, pool.byteOffset, 2),
      date: new Date(0),
    })
    expect(Buffer.from(String(payload)).toString()).not.toContain(
      Buffer.from('SECRET').toString('base64').slice(1, 6),
    )
    const back = roundTrip({ view: new Uint8Array(pool.buffer, pool.byteOffset + 1, 2), date: 1n }) as {
      view: Uint8Array
    }
    expect(back.view).toStrictEqual(Uint8Array.of(120, 120))
    expect(back.view.buffer.byteLength).toBe(2)
  })

  it.each<[unknown, number]>([
    [{ a: 1 }, format.json],
    [{ 'a"': 1 }, format.faithful],
    [deep(200), format.json],
    [deep(201), format.faithful],
    [Uint8Array.of(1), format.bytes],
    [Buffer.of(1), format.buffer],
    [Int8Array.of(1), format.faithful],
    [1n, format.faithful],
  ])('choose the form that carries %o', (value, id) => {
    expect(encodeValue(value).format).toBe(id)
  })

  it('copy bytes, so that their owner may go on with them', () => {
    for (const bytes of [Uint8Array.of(1, 2), Buffer.of(1, 2)]) {
      const { payload, format: id } = encodeValue(bytes)
      bytes[0] = 9
      expect(payload).toStrictEqual(Uint8Array.of(1, 2))
      const first = decodeValue(payload, id, undefined) as Uint8Array
      first[0] = 9
      expect(Array.from(decodeValue(payload, id, undefined) as Uint8Array)).toEqual([1, 2])
    }
  })

  it('take text where a store gives text for bytes, and bytes for text', () => {
    expect(decodeValue('ab', format.bytes, undefined)).toStrictEqual(Uint8Array.of(97, 98))
    expect(decodeValue('ab', format.buffer, undefined)).toStrictEqual(Buffer.from('ab'))
    expect(decodeValue(Buffer.from('{"é":1}'), format.json, undefined)).toEqual({ é: 1 })
    expect(decodeValue(Buffer.from('[1]'), format.faithful, undefined)).toBe(1)
  })

  it('leave other formats to the codec that has their number', () => {
    const codec = {
      id: 20,
      name: 'of',
      encode: String,
      decode: (payload: unknown) => `of ${String(payload)}`,
    }
    expect(decodeValue('x', 20, codec)).toBe('of x')
    expect(() => decodeValue('x', 21, codec)).toThrow(
      expect.objectContaining({
        code: 'DECODING_FAILED',
        message: 'A stored payload of format 21 could not be decoded',
        cause: expect.objectContaining({ message: 'no codec has the format id 21' }) as unknown,
      }),
    )
  })

  it('take a text that only speaks of __proto__ for what it is', () => {
    const value = { note: 'never use __proto__, nor \\u005f' }
    expect(roundTrip(value)).toStrictEqual(value)
  })

  it('carry a part of a view and not what lies beside it', () => {
    const pool = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer
    const value = { view: new DataView(pool, 2, 3), numbers: new Uint16Array(pool, 2, 2), when: 1n }
    const back = roundTrip(value) as typeof value
    expect(Array.from(new Uint8Array(back.view.buffer))).toEqual([3, 4, 5])
    expect(back.view.byteOffset).toBe(0)
    expect(Array.from(back.numbers)).toEqual(Array.from(value.numbers))
    expect(back.numbers.buffer.byteLength).toBe(4)
  })

  it.each<[string, unknown, string]>([
    ['a function', () => 1, 'Cannot stringify a function'],
    ['an instance', new Money(), 'it holds an instance of a class'],
    [
      'a Date with a field',
      Object.assign(new Date(0), { zone: 'IST' }),
      'built-in object with fields of its own',
    ],
    ['a list with a name', Object.assign([1n], { total: 1 }), 'built-in object with fields of its own'],
    ['a list with a negative number for a name', Object.assign([1n], { '-1': 1 }), 'fields of its own'],
    ['a list with half a number for a name', Object.assign([1n], { '1.5': 1 }), 'fields of its own'],
  ])('say why they refuse %s', (_name, value, reason) => {
    expect(() => encodeValue(value)).toThrow(
      expect.objectContaining({
        code: 'INVALID_VALUE',
        message: expect.stringMatching(
          /^The value cannot be stored faithfully: .*\. Store plain data instead$/,
        ) as string,
      }),
    )
    expect(() => encodeValue(value)).toThrow(reason)
  })

  it.each<[string, unknown]>([
    ['a String object', new String('text')], // oxlint-disable-line no-new-wrappers -- what is tested
    ['a list of ten bigints', Array.from({ length: 10 }, (_, index) => BigInt(index))],
    ['a plain object beside a bigint', { a: { b: 1 }, c: 1n }],
    [
      'an object without a prototype beside a bigint',
      { a: Object.assign(Object.create(null), { b: 1 }), c: 1n },
    ],
  ])('carry %s', (_name, value) => {
    expect(roundTrip(value)).toStrictEqual(value)
  })

  it.each([
    ['a function', () => 1],
    ['a function inside', { run: () => 1 }],
    ['a symbol', Symbol('s')],
    ['a symbol key', { [Symbol('s')]: 1 }],
    ['an instance of a class', new Money()],
    ['an instance inside a Map', new Map([['m', new Money()]])],
    ['an Error', new Error('e')],
    ['a promise', Promise.resolve(1)],
    ['a WeakMap', new WeakMap()],
    ['a subclass of Map', new (class Index extends Map {})()],
    ['a Date with a field of its own', Object.assign(new Date(0), { zone: 'IST' })],
    ['a list with a name beside its items', Object.assign([1], { total: 1 })],
    ['an own __proto__', JSON.parse('{"a":{"__proto__":{"admin":true}}}')],
    ['a toJSON method', { toJSON: () => 1 }],
  ])('refuse %s', (_name, value) => {
    expect(() => encodeValue(value)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }))
  })

  it('name no key and no value in the refusal', () => {
    const value = new Map([['secret-key', new Map([['secret-name', () => 'secret-value']])]])
    expect(() => encodeValue(value)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') as string }),
    )
  })

  it.each([
    ['JSON with an own __proto__', '{"__proto__":{"admin":true}}', format.json],
    ['the same, escaped', '{"\\u005f_proto__":{"admin":true}}', format.json],
    ['text that is no JSON', '{"a":', format.json],
    ['faithful text that was altered', '[["Map",1', format.faithful],
    ['faithful text with a __proto__ key', '[{"__proto__":1},{"admin":2},true]', format.faithful],
    ['an unknown format', 'x', 99],
  ])('refuse to decode %s', (_name, payload, id) => {
    expect(() => decodeValue(payload, id, undefined)).toThrow(
      expect.objectContaining({ code: 'DECODING_FAILED' }),
    )
  })

  it('refuse bytes that are not UTF-8 where text is expected', () => {
    expect(() => decodeValue(Uint8Array.of(0x22, 0xff, 0x22), format.json, undefined)).toThrow(
      'could not be decoded',
    )
  })
})

function deep(levels: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = { value }
  return value
}
