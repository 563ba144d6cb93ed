import type { SealedPlace } from '@cache/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AssociatedData } from '../src/associated-data.ts'
import { place, scope } from './support.ts'

/** As docs/security.md describes it. */
function byTheBook({ key, format, revision, version, tags }: SealedPlace, header: Buffer): Buffer {
  const { prefix, cache, version: schema, mode } = scope
  const names = [...new Set(tags)].sort()
  return Buffer.concat([
    field(`cache-envelope-1\0${JSON.stringify([prefix, cache, schema, mode])}`),
    field(JSON.stringify([key, format, revision, version ?? null, names])),
    header,
  ])
}

function field(text: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(Buffer.byteLength(text))
  return Buffer.concat([length, Buffer.from(text)])
}

const header = Buffer.alloc(90, 0xc5)

function isDescribed(data: AssociatedData, at: SealedPlace): boolean {
  const envelope = Buffer.concat([header, Buffer.alloc(100, 1)])
  return data.of(at, envelope, header.length).equals(byTheBook(at, header))
}

const text = fc.string({ unit: 'binary', maxLength: 100 })
const places = fc.record({
  key: text,
  format: fc.integer({ min: 0, max: 255 }),
  revision: text,
  version: fc.option(fc.integer(), { nil: undefined }),
  tags: fc.array(text, { maxLength: 6 }),
})

describe('what an envelope is bound to', () => {
  it('is what the description says, for one place after the other', () => {
    const data = new AssociatedData(scope)
    fc.assert(
      fc.property(places, (at) => {
        expect(isDescribed(data, at)).toBe(true)
      }),
    )
  })

  it.each(['"', '\\', '\u0000', '\n', '\u001f', '\ud800', '\udfff', '"\\"'])(
    'is so for a text of nothing but what JSON escapes: %j',
    (special) => {
      expect(
        isDescribed(new AssociatedData(scope), {
          ...place,
          key: special,
          revision: special,
          tags: [special],
        }),
      ).toBe(true)
    },
  )

  it.each(['a', '€'])(
    'is so for names of "%s" that are longer than the room, wherever that ends',
    (character) => {
      for (let length = 2600; length < 2760; length++)
        expect(isDescribed(new AssociatedData(scope), { ...place, key: character.repeat(length) })).toBe(true)
      const data = new AssociatedData(scope)
      for (const length of [9000, 1, 30_000, 8000, 0])
        expect(isDescribed(data, { ...place, key: character.repeat(length) })).toBe(true)
      const tags = Array.from({ length: 64 }, (_, index) => `${character.repeat(500)}${index}`)
      expect(isDescribed(data, { ...place, tags })).toBe(true)
    },
  )
})
