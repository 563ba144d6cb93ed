import { createDecipheriv, hkdfSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encryption, valueSeal, type ValuePlace } from '../src/index.ts'
import { describe, expect, it } from 'vitest'
import { flipped, secret, started } from './support.ts'

const place = ['broker_connections', 'token', 42]
const value = 'broker token 4711'

function sealing(purpose = 'broker-token', ...seeds: number[]) {
  return valueSeal({ purpose, keys: (seeds.length > 0 ? seeds : [1]).map(secret) })
}

describe('a sealed value', () => {
  it.each(['', value, 'नमस्ते', 'x'.repeat(100_000)])('opens in its place: %#', (text) => {
    const sealed = sealing().seal(text, place)
    expect(sealed).not.toContain(text === '' ? '=' : text)
    expect(sealing().open(sealed, place)).toBe(text)
  })

  it('is another one each time', () => {
    const seal = sealing()
    expect(new Set(Array.from({ length: 100 }, () => seal.seal(value, place))).size).toBe(100)
  })

  it('does not open with any bit turned, cut short or longer', () => {
    const seal = sealing()
    const sealed = Buffer.from(seal.seal(value, place), 'base64url')
    for (let bit = 0; bit < sealed.length * 8; bit++)
      expect(seal.open(flipped(sealed, bit).toString('base64url'), place)).toBeUndefined()
    for (let length = 0; length < sealed.length; length++)
      expect(seal.open(sealed.subarray(0, length).toString('base64url'), place)).toBeUndefined()
    expect(seal.open(Buffer.concat([sealed, Buffer.alloc(1)]).toString('base64url'), place)).toBeUndefined()
  })

  it('has one text only', () => {
    const seal = sealing()
    const sealed = seal.seal('xy', place)
    const others = [
      `${sealed}=`,
      `${sealed} `,
      `${sealed}A`,
      sealed.replaceAll('_', '/').concat('\n'),
      'nonsense',
      '',
    ]
    for (let at = 0; at < sealed.length; at++)
      for (const other of ['A', 'B', 'Q', 'g', '9'])
        if (sealed[at] !== other) others.push(`${sealed.slice(0, at)}${other}${sealed.slice(at + 1)}`)
    for (const text of others) expect(seal.open(text, place)).toBeUndefined()
  })

  it.each<[string, ValuePlace]>([
    ['row', ['broker_connections', 'token', 43]],
    ['column', ['broker_connections', 'feed_token', 42]],
    ['place that reads the same', ['broker_connections', 'token', '42']],
    ['place with the borders moved', ['broker_connections","token', 42]],
    ['longer place', [...place, '']],
    ['empty place', []],
  ])('does not open in another %s', (_, other) => {
    const seal = sealing()
    expect(seal.open(seal.seal(value, place), other)).toBeUndefined()
  })

  it('does not open for another purpose, with another key, or as an entry of a cache, and back', async () => {
    const sealed = sealing().seal(value, place)
    expect(sealing('feed-token').open(sealed, place)).toBeUndefined()
    expect(sealing('broker-token', 2).open(sealed, place)).toBeUndefined()
    const protection = await started(encryption({ keys: () => secret(1) }))
    const cache = protection.forCache({ prefix: 'cache', cache: 'broker-token', version: 1, mode: 'encrypt' })
    const bare = { format: 0, revision: '', version: undefined, tags: [] }
    const inCache = { key: JSON.stringify(place), ...bare }
    expect(cache.open(Buffer.from(sealed, 'base64url'), inCache)).toEqual({ ok: false, reason: 'forged' })
    const times = { wallMs: 1, freshForMs: 1, keptForMs: 1 }
    const envelope = Buffer.from(cache.seal(value, inCache, times)).toString('base64url')
    expect(sealing().open(envelope, place)).toBeUndefined()
  })

  it('opens with a former key, and is then to be sealed anew', () => {
    const sealed = sealing('p', 1).seal(value, place)
    const now = sealing('p', 2, 1)
    expect(now.open(sealed, place)).toBe(value)
    expect(now.isCurrent(sealed)).toBe(false)
    const again = now.seal(value, place)
    expect(now.isCurrent(again)).toBe(true)
    expect(sealing('p', 1).open(again, place)).toBeUndefined()
    expect(now.isCurrent('nonsense!')).toBe(false)
  })

  it('leaves the given keys as they are, and does not depend on what becomes of them', () => {
    const key = Buffer.from(secret(1))
    const seal = valueSeal({ purpose: 'broker-token', keys: [key] })
    expect(key).toEqual(Buffer.from(secret(1)))
    key.fill(0)
    expect(sealing().open(seal.seal(value, place), place)).toBe(value)
  })
})

const [noPurpose, noKeys] = ['purpose must be a text', 'keys must be one or more secrets of 32 bytes']

it.each([
  [{ purpose: '', keys: [secret(1)] }, `valueSeal: ${noPurpose}`],
  [{ purpose: 7, keys: [secret(1)] }, `valueSeal: ${noPurpose}`],
  [{ purpose: 'p', keys: [] }, `valueSeal: ${noKeys}`],
  [{ purpose: 'p', keys: [secret(1).subarray(1)] }, `valueSeal: ${noKeys}`],
  [{ purpose: 'p', keys: [secret(1), secret(2).subarray(1)] }, `valueSeal: ${noKeys}`],
  [{ purpose: 'p', keys: [undefined, secret(1)] }, `valueSeal: ${noKeys}`],
  [{ purpose: 'p', keys: 'x'.repeat(32) }, `valueSeal: ${noKeys}`],
  [{ purpose: 'p', keys: [secret(1)], key: 1 }, "valueSeal has no option 'key'"],
])('options that make no sense are refused: %#', (options, message) => {
  expect(() => valueSeal(options as never)).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(message) as string,
    }) as Error,
  )
})

/** A published vector. None is ever removed or changed. */
interface Vector {
  readonly name: string
  readonly key: string
  readonly purpose: string
  readonly place: ValuePlace
  readonly value: string
  readonly sealed: string
}

const file = join(import.meta.dirname, 'golden', 'values-v1.json')
const vectors = JSON.parse(await readFile(file, 'utf8')) as readonly Vector[]

describe.each(vectors)('the golden value "$name"', (vector) => {
  it('opens', () => {
    const seal = valueSeal({ purpose: vector.purpose, keys: [Buffer.from(vector.key, 'base64')] })
    expect(seal.open(vector.sealed, vector.place)).toBe(vector.value)
  })

  it('is what docs/security.md describes', () => {
    expect(openByTheBook(vector)).toBe(vector.value)
  })
})

/** Opens a sealed value by the published description alone. */
function openByTheBook({ key, purpose, place: at, sealed }: Vector): string {
  const envelope = Buffer.from(sealed, 'base64url')
  const field = (text: string): Buffer => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(Buffer.byteLength(text))
    return Buffer.concat([length, Buffer.from(text)])
  }
  const id = envelope.toString('hex', 4, 12)
  const salt = envelope.subarray(30, 46)
  const secretOf = Buffer.from(key, 'base64')
  const derived = Buffer.from(hkdfSync('sha256', secretOf, salt, `@cache/crypto 1 encrypt ${id}`, 64))
  expect(envelope.subarray(58, 90)).toEqual(derived.subarray(32))
  const decipher = createDecipheriv('aes-256-gcm', derived.subarray(0, 32), envelope.subarray(46, 58))
  decipher.setAAD(
    Buffer.concat([
      field(`cache-envelope-1\0${JSON.stringify(['', purpose, 1, 'encrypt'])}`),
      field(JSON.stringify([JSON.stringify(at), 0, '', null, []])),
      envelope.subarray(0, 90),
    ]),
  )
  decipher.setAuthTag(envelope.subarray(-16))
  return Buffer.concat([decipher.update(envelope.subarray(90, -16)), decipher.final()]).toString('utf8')
}
