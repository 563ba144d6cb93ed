import { ManualClock } from '@cache/conformance'
import { describe, expect, it, vi } from 'vitest'
import { DerivedKeys, type MessageKey } from '../src/derived-keys.ts'
import { layout } from '../src/envelope.ts'
import { newMaterial } from '../src/keyring/key-file.ts'
import { Keyring } from '../src/keyring/keyring.ts'
import { RandomBytes } from '../src/random-bytes.ts'
import { place, sealing, times } from './support.ts'

/** How many keys are kept at most. */
const bound = 256

/** Keys that each serve one message. */
function derivedKeys(): { readonly keys: DerivedKeys; readonly keyring: Keyring } {
  const keys = new DerivedKeys({ messages: 1, ms: Infinity }, new ManualClock(), new RandomBytes())
  return { keys, keyring: new Keyring(newMaterial('')) }
}

/** As much of an envelope as its key is found by. */
function sealedWith({ salt }: MessageKey): Buffer {
  const envelope = Buffer.alloc(layout.encryptedHeaderBytes)
  envelope.set(salt, layout.saltAt)
  return envelope
}

describe('derived keys that are kept', () => {
  it('are those that sealed, so that a process opens its own entries without deriving anything', () => {
    const { keys, keyring } = derivedKeys()
    const those = Array.from({ length: 3 }, () => keys.forSealing(keyring))
    for (const key of those) expect(keys.kept(keyring, sealedWith(key))).toBe(key)
  })

  it('are those that opened something, and no others', () => {
    const { keys, keyring } = derivedKeys()
    const envelope = sealedWith(keys.forSealing(keyring))
    keys.clear()
    const key = keys.derived(keyring.primary, envelope)
    expect(keys.kept(keyring, envelope)).toBeUndefined()
    keys.keep(key)
    expect(keys.kept(keyring, envelope)).toBe(key)
  })

  it('are bounded, and the latest in use stay', () => {
    const { keys, keyring } = derivedKeys()
    const all = Array.from({ length: bound }, () => sealedWith(keys.forSealing(keyring)))
    const [used = Buffer.alloc(0), unused = Buffer.alloc(0)] = all
    expect(keys.kept(keyring, used)).toBeDefined()
    keys.forSealing(keyring)
    expect(keys.kept(keyring, used)).toBeDefined()
    expect(keys.kept(keyring, unused)).toBeUndefined()
    expect(all.filter((envelope) => keys.kept(keyring, envelope))).toHaveLength(bound - 1)
  })

  it('are kept again when they open something after they made room', () => {
    const { keys, keyring } = derivedKeys()
    const first = keys.forSealing(keyring)
    for (let more = 0; more < bound; more++) keys.forSealing(keyring)
    expect(keys.kept(keyring, sealedWith(first))).toBeUndefined()
    keys.keep(first)
    expect(keys.kept(keyring, sealedWith(first))).toBe(first)
  })

  it('make no room for one that is among them', () => {
    const { keys, keyring } = derivedKeys()
    const all = Array.from({ length: bound }, () => keys.forSealing(keyring))
    for (const key of all) keys.keep(key)
    expect(all.every((key) => keys.kept(keyring, sealedWith(key)) === key)).toBe(true)
  })

  it('go with the keyring that they came from', () => {
    const { keys, keyring } = derivedKeys()
    const envelope = sealedWith(keys.forSealing(keyring))
    expect(keys.kept(new Keyring(newMaterial('')), envelope)).toBeUndefined()
    expect(keys.kept(keyring, envelope)).toBeUndefined()
  })
})

describe('a cache', () => {
  it('derives the key of an envelope of another process once, and those of forgeries each time', async () => {
    const [cache, other] = [await sealing(), await sealing()]
    const envelope = other.seal('v', place, times)
    const derived = vi.spyOn(DerivedKeys.prototype, 'derived')
    for (let read = 0; read < 3; read++)
      expect(cache.open(envelope, { ...place, key: 'moved' })).toEqual({ ok: false, reason: 'forged' })
    expect(derived).toHaveBeenCalledTimes(3)
    for (let read = 0; read < 3; read++) expect(cache.open(envelope, place)).toMatchObject({ ok: true })
    expect(derived).toHaveBeenCalledTimes(4)
  })

  it('derives nothing to open what it sealed', async () => {
    const cache = await sealing()
    const envelope = cache.seal('v', place, times)
    const derived = vi.spyOn(DerivedKeys.prototype, 'derived')
    expect(cache.open(envelope, place)).toMatchObject({ ok: true })
    expect(derived).not.toHaveBeenCalled()
  })
})
