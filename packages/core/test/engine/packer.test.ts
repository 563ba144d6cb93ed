import { valueFormat, type Codec, type Payload } from '@cache/ports'
import { describe, expect, it } from 'vitest'
import { Packer, type PackerOptions } from '../../src/engine/packer.ts'
import type { Sealer } from '../../src/engine/sealer.ts'

const facts = { key: 'k', revision: 'r', version: undefined, tags: [], freshForMs: 10, keptForMs: 20 }

function packer(options: Partial<PackerOptions> = {}): Packer {
  return new Packer({
    sharing: 'freeze',
    codec: undefined,
    maxValueBytes: 1000,
    sealer: undefined,
    payloads: 'encoded',
    ...options,
  })
}

/** Puts a byte before what it seals, and keeps what it was given, to be looked at afterwards. */
function sealing(confidential = true) {
  const given: Payload[] = []
  const opened: Payload[] = []
  const open = (entry: { payload: unknown }): Payload => {
    const payload = Uint8Array.from(entry.payload as Uint8Array).subarray(1)
    opened.push(payload)
    return payload
  }
  const sealer = {
    confidential,
    seal: (payload: Payload) => {
      given.push(payload)
      return Uint8Array.from([7, ...Buffer.from(payload)])
    },
    openKept: open,
    openStored: <E extends { payload: unknown }>(entry: E) => ({
      payload: open(entry),
      entry: { ...entry, ageMs: 5 },
    }),
  }
  return { given, opened, sealer: sealer as unknown as Sealer }
}

const codec: Codec = {
  id: 40,
  name: 'upper',
  encode: (value) => Buffer.from(String(value).toUpperCase()),
  decode: (payload) => Buffer.from(payload).toString().toLowerCase(),
}

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

/** Asked for the encoded form where there should be no need of it. */
function noNeed(): never {
  throw new Error('no need')
}

describe('the form for a store', () => {
  it('is text or bytes with their format and size', () => {
    expect(packer().encode({ a: 'é' }, facts)).toEqual({
      payload: '{"a":"é"}',
      format: valueFormat.json,
      sizeBytes: 10,
    })
    expect(packer().encode(Uint8Array.of(1, 2), facts)).toEqual({
      payload: Uint8Array.of(1, 2),
      format: valueFormat.bytes,
      sizeBytes: 2,
    })
    expect(packer({ codec }).encode('abc', facts)).toEqual({
      payload: Buffer.from('ABC'),
      format: 40,
      sizeBytes: 3,
    })
  })

  it('of "there is none" is nothing, and where it is sealed an envelope as any other', () => {
    expect(packer().encode(undefined, facts)).toEqual({
      payload: '',
      format: valueFormat.negative,
      sizeBytes: 0,
    })
    const { sealer } = sealing()
    const sealed = packer({ sealer }).encode(undefined, facts)
    expect(sealed).toEqual({ payload: Uint8Array.of(7), format: valueFormat.negative, sizeBytes: 1 })
    expect(packer({ sealer }).decode({ ...facts, ...sealed }, 'k')).toBeUndefined()
  })

  it('may have as many bytes as are allowed, before it is sealed', () => {
    const { sealer } = sealing()
    for (const options of [{}, { sealer }]) {
      expect(packer({ ...options, maxValueBytes: 5 }).encode('abc', facts).format).toBe(valueFormat.json)
      expect(thrownBy(() => packer({ ...options, maxValueBytes: 4 }).encode('abc', facts))).toMatchObject({
        code: 'VALUE_TOO_LARGE',
        message: 'The value has 5 bytes; maxValueBytes is 4',
      })
    }
  })

  it('is sealed, and what was sealed is overwritten, unless a codec of the caller made it', () => {
    const { sealer, given } = sealing()
    const sealed = packer({ sealer }).encode(Uint8Array.of(1, 2), facts)
    expect(sealed).toEqual({ payload: Uint8Array.of(7, 1, 2), format: valueFormat.bytes, sizeBytes: 3 })
    expect(given[0]).toEqual(Uint8Array.of(0, 0))
    packer({ sealer, codec }).encode('abc', facts)
    expect(given[1]).toEqual(Buffer.from('ABC'))
  })

  it('is refused with the name of the codec that failed, and its error unless that may quote a secret', () => {
    const cause = new Error('no')
    const failing: Codec = {
      ...codec,
      encode: () => {
        throw cause
      },
    }
    const failed = { code: 'ENCODING_FAILED', message: "The codec 'upper' could not encode the value" }
    expect(thrownBy(() => packer({ codec: failing }).encode('v', facts))).toMatchObject({ ...failed, cause })
    const { sealer } = sealing()
    const error = thrownBy(() => packer({ codec: failing, sealer }).encode('v', facts))
    expect(error).toMatchObject(failed)
    expect((error as Error).cause).toBeUndefined()
  })
})

describe('the form that this process keeps', () => {
  it('is a frozen copy of plain data, or the value itself where it is frozen already', () => {
    const value = { a: [1] }
    const kept = packer().keep(value, noNeed)
    expect(kept).toEqual({ payload: value, format: valueFormat.live, sizeBytes: 104 })
    expect(kept.payload).not.toBe(value)
    expect(Object.isFrozen((kept.payload as typeof value).a)).toBe(true)
    expect(Object.isFrozen(value)).toBe(false)
    const frozen = Object.freeze({ a: Object.freeze([1]) })
    expect(packer().keep(frozen, noNeed).payload).toBe(frozen)
    const half = Object.freeze({ a: [1] })
    expect(Object.isFrozen((packer().keep(half, noNeed).payload as typeof half).a)).toBe(true)
  })

  it('is the value itself, or a copy for each, where that is asked for', () => {
    const value = { a: 1 }
    const encoded = { payload: '{"a":1}', format: valueFormat.json, sizeBytes: 7 }
    expect(packer({ sharing: 'reference' }).keep(value, noNeed).payload).toBe(value)
    expect(packer({ sharing: 'clone' }).keep(value, () => encoded)).toBe(encoded)
  })

  it('is the encoded one of what freezing does not protect, or of what is secret', () => {
    const encoded = { payload: 'x', format: valueFormat.faithful, sizeBytes: 1 }
    expect(packer().keep(new Map(), () => encoded)).toBe(encoded)
    const { sealer } = sealing()
    expect(packer({ sealer }).keep({ a: 1 }, () => encoded)).toBe(encoded)
    expect(packer({ sealer }).keep(undefined, () => encoded)).toBe(encoded)
    expect(packer({ sealer: sealing(false).sealer }).keep({ a: 1 }, noNeed).format).toBe(valueFormat.live)
  })

  it('of "there is none" takes no room', () => {
    expect(packer().keep(undefined, noNeed)).toEqual({
      payload: '',
      format: valueFormat.negative,
      sizeBytes: 0,
    })
  })

  it('is as large as its encoded form where its own size is not known, and no larger than is allowed', () => {
    const list = [-0]
    expect(packer().keep(list, () => ({ payload: '', format: 1, sizeBytes: 77 })).sizeBytes).toBe(77)
    expect(packer({ maxValueBytes: 104 }).keep({ a: [1] }, noNeed).sizeBytes).toBe(104)
    expect(thrownBy(() => packer({ maxValueBytes: 103 }).keep({ a: [1] }, noNeed))).toMatchObject({
      code: 'VALUE_TOO_LARGE',
    })
  })

  it('of what was written is made of the written form, which stays as it is where it is secret', () => {
    const written = { ...facts, ...packer().encode({ a: 1 }, facts) }
    expect(packer().keepWritten(written, 'k')).toMatchObject({ payload: { a: 1 }, format: valueFormat.live })
    const { sealer } = sealing()
    const sealed = { ...facts, ...packer({ sealer }).encode({ a: 1 }, facts) }
    expect(packer({ sealer }).keepWritten(sealed, 'k')).toBe(sealed)
  })
})

describe('the value of a stored form', () => {
  const stored = { ...facts, ageMs: 1, loadMs: 2, sequence: 3, sizeBytes: 4 }

  it('is what was encoded, with the entry as it is', () => {
    const entry = { ...stored, payload: '{"a":1}', format: valueFormat.json }
    const decoded = packer().decodeStored(entry, 'k')
    expect(decoded).toEqual({ value: { a: 1 }, entry })
    expect(decoded.entry).toBe(entry)
  })

  it('is that of a live store as it is, and a store of encoded payloads has no live ones', () => {
    const payload = { a: 1 }
    const entry = { ...stored, payload, format: valueFormat.live }
    expect(packer({ payloads: 'live' }).decodeStored(entry, 'k').value).toBe(payload)
    expect(thrownBy(() => packer().decodeStored(entry, 'k'))).toMatchObject({ code: 'DECODING_FAILED' })
  })

  it('is opened first where it is sealed, with the times that were sealed in, and what was opened is overwritten', () => {
    const { sealer, opened } = sealing()
    const sealed = packer({ sealer })
    const entry = { ...stored, ...sealed.encode({ a: 1 }, facts) }
    const decoded = sealed.decodeStored(entry, 'k')
    expect(decoded.value).toEqual({ a: 1 })
    expect(decoded.entry.ageMs).toBe(5)
    expect(sealed.decode(entry, 'k')).toEqual({ a: 1 })
    for (const payload of opened) expect((payload as Uint8Array).every((byte) => byte === 0)).toBe(true)
    expect(opened).toHaveLength(2)
  })

  it('that is sealed and cannot be read is quoted nowhere', () => {
    const { sealer } = sealing()
    const entry = {
      ...stored,
      payload: Uint8Array.from([7, ...Buffer.from('{"secret"')]),
      format: valueFormat.json,
    }
    const error = thrownBy(() => packer({ sealer }).decodeStored(entry, 'k')) as Error
    expect(error).toMatchObject({
      code: 'DECODING_FAILED',
      message: `A sealed payload of format ${valueFormat.json} could not be decoded`,
    })
    expect(error.cause).toBeUndefined()
  })

  it('that a codec of the caller opened is left as that has it', () => {
    const views: Payload[] = []
    const viewing: Codec = { ...codec, decode: (payload) => (views.push(payload), 'value') }
    const { sealer } = sealing()
    const entry = { ...stored, payload: Uint8Array.of(7, 1, 2), format: 40 }
    expect(packer({ sealer, codec: viewing }).decodeStored(entry, 'k').value).toBe('value')
    expect(views).toEqual([Uint8Array.of(1, 2)])
  })

  it('of "there is none" kept in this process needs no seal', () => {
    const { sealer, opened } = sealing()
    const kept = { ...facts, payload: '', format: valueFormat.negative }
    expect(packer({ sealer }).decode(kept, 'k')).toBeUndefined()
    expect(opened).toEqual([])
  })
})
