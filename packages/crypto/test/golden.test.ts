import { createDecipheriv, createHmac, hkdfSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProtectionScope, SealedPlace, SealedTimes } from '@cache/core'
import { describe, expect, it } from 'vitest'
import { encryption } from '../src/index.ts'
import { started } from './support.ts'

/** A published vector: what was sealed, and the envelope. None is ever removed or changed. */
interface Vector {
  readonly name: string
  readonly key: string
  readonly scope: ProtectionScope
  readonly place: SealedPlace
  readonly times: { readonly [Name in keyof SealedTimes]: number | 'Infinity' }
  readonly payload: { readonly text?: string; readonly base64?: string }
  readonly envelope: string
  readonly hashOfK: string
}

const file = join(import.meta.dirname, 'golden', 'envelopes-v1.json')
const vectors = JSON.parse(await readFile(file, 'utf8')) as readonly Vector[]

describe.each(vectors)('the golden envelope "$name"', (vector) => {
  const expected = vector.payload.text ?? Buffer.from(vector.payload.base64 ?? '', 'base64')
  const envelope = Buffer.from(vector.envelope, 'base64')

  it('opens, and the hash of a key is the same', async () => {
    const protection = await started(encryption({ keys: () => Buffer.from(vector.key, 'base64') }))
    const cache = protection.forCache(vector.scope)
    const times = Object.fromEntries(Object.entries(vector.times).map(([name, ms]) => [name, Number(ms)]))
    expect(cache.open(envelope, vector.place)).toEqual({ ok: true, payload: expected, times })
    expect(cache.hashKey('k')).toBe(vector.hashOfK)
  })

  it('is what docs/security.md describes', () => {
    const opened = openByTheBook(vector, envelope)
    expect(envelope[3] === 1 ? opened.toString() : opened).toEqual(expected)
  })
})

/** Opens an envelope by the published description alone. */
function openByTheBook({ key, scope, place }: Vector, envelope: Buffer): Buffer {
  const secret = Buffer.from(key, 'base64')
  const id = envelope.toString('hex', 4, 12)
  const { prefix, cache, version, mode } = scope
  const field = (text: string): Buffer => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(Buffer.byteLength(text))
    return Buffer.concat([length, Buffer.from(text)])
  }
  const bound = (headerBytes: number): Buffer =>
    Buffer.concat([
      field(`cache-envelope-1\0${JSON.stringify([prefix, cache, version, mode])}`),
      field(
        JSON.stringify([
          place.key,
          place.format,
          place.revision,
          place.version ?? null,
          [...place.tags].sort(),
        ]),
      ),
      envelope.subarray(0, headerBytes),
    ])
  if (mode === 'sign') {
    const signing = Buffer.from(hkdfSync('sha256', secret, '', `@cache/crypto 1 sign ${id}`, 32))
    const payload = envelope.subarray(30, -32)
    const mac = createHmac('sha256', signing).update(bound(30)).update(payload).digest()
    expect(envelope.subarray(-32)).toEqual(mac)
    return payload
  }
  const salt = envelope.subarray(30, 46)
  const derived = Buffer.from(hkdfSync('sha256', secret, salt, `@cache/crypto 1 encrypt ${id}`, 64))
  expect(envelope.subarray(58, 90)).toEqual(derived.subarray(32))
  const decipher = createDecipheriv('aes-256-gcm', derived.subarray(0, 32), envelope.subarray(46, 58))
  decipher.setAAD(bound(90))
  decipher.setAuthTag(envelope.subarray(-16))
  return Buffer.concat([decipher.update(envelope.subarray(90, -16)), decipher.final()])
}
