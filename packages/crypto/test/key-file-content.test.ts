import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checksum } from '../src/keyring/derive.ts'
import { readKeyFile, writeKeyFile } from '../src/keyring/key-file.ts'

type Json = Record<string, unknown>

const golden = JSON.parse(
  await readFile(join(import.meta.dirname, 'golden', 'key-file-v1.json'), 'utf8'),
) as Json
const [first] = golden['keys'] as Json[]

/** A key file with changes, whose checksum is right. */
function fileWith(changes: Json): Buffer {
  const { checksum: former, ...body } = { ...golden, ...changes }
  expect(former).toBeDefined()
  return Buffer.from(JSON.stringify({ ...body, checksum: checksum(JSON.stringify(body)) }))
}

const damaged = expect.objectContaining({
  code: 'KEY_UNAVAILABLE',
  message: expect.stringMatching(/^The key file db\/key is cut short or damaged; restore it/) as string,
}) as Error

describe('what a key file says', () => {
  it('is read as it was written', () => {
    const material = readKeyFile(fileWith({}), 'db/key')
    expect(readKeyFile(writeKeyFile(material), 'db/key')).toEqual(material)
    expect(material.keys.map(({ secret }) => secret?.length)).toEqual([32, 32, 32, 32, undefined])
  })

  it('is not read in a later version, whatever it may be there', () => {
    expect(() => readKeyFile(fileWith({ version: 2, keys: 'elsewhere' }), 'db/key')).toThrow(
      expect.objectContaining({
        code: 'KEY_UNAVAILABLE',
        message: 'The key file db/key was written by a later version of @cache/crypto',
      }),
    )
  })

  it.each<[string, Buffer]>([
    ['no JSON', Buffer.from('not JSON')],
    ['nothing', Buffer.from('null')],
    ['text', Buffer.from('"text"')],
    ['the JSON of something else', Buffer.from(JSON.stringify({ ...golden, format: 'other' }))],
    ['a wrong checksum', Buffer.from(JSON.stringify({ ...golden, salt: golden['hashing'] }))],
    ['no checksum', Buffer.from(JSON.stringify({ ...golden, checksum: undefined }))],
    ['no keys', fileWith({ keys: undefined })],
    ['keys that are no list', fileWith({ keys: { first } })],
    ['a salt that is too short', fileWith({ salt: 'AAAA' })],
    ['a salt that is no text', fileWith({ salt: 32 })],
    ['nothing to hash with', fileWith({ hashing: undefined })],
    ['a key that is nothing', fileWith({ keys: [null] })],
    ['a key that is text', fileWith({ keys: ['00112233445566aa'] })],
  ])('is damaged with %s', (_, bytes) => {
    expect(() => readKeyFile(bytes, 'db/key')).toThrow(damaged)
  })

  it.each<[string, Json]>([
    ['no id', { id: undefined }],
    ['an id that is too short', { id: '00112233445566a' }],
    ['an id that is too long', { id: '00112233445566aa0' }],
    ['an id of other characters', { id: '00112233445566AA' }],
    ['an unknown state', { state: 'retired' }],
    ['no state', { state: undefined }],
    ['no time', { createdAt: undefined }],
    ['a secret that is too short', { secret: 'AAAA' }],
    ['no secret', { secret: undefined }],
  ])('is damaged with a key that has %s', (_, changes) => {
    expect(() => readKeyFile(fileWith({ keys: [{ ...first, ...changes }] }), 'db/key')).toThrow(damaged)
  })
})
