import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ManualClock } from '@cache/conformance'
import { describe, expect, it, vi } from 'vitest'
import { encryption, type GivenKeys, type KeyedProtection, type Keys } from '../src/index.ts'
import { newKey, newMaterial } from '../src/keyring/key-file.ts'
import { keyStates, type KeyState } from '../src/keyring/key-material.ts'
import { Keyring } from '../src/keyring/keyring.ts'
import { makeDirectory, place, scope, sealing, secret, started, times } from './support.ts'

/** A key in a state, beside a primary one. */
const makings: Readonly<Record<KeyState, (keys: Keys) => Promise<string>>> = {
  pending: (keys) => keys.add(),
  primary: (keys) => keys.rotate(),
  'decrypt-only': async (keys) => {
    const id = await keys.rotate()
    await keys.rotate()
    return id
  },
  disabled: async (keys) => {
    const id = await keys.add()
    await keys.disable(id)
    return id
  },
  destroyed: async (keys) => {
    const id = await keys.add()
    await keys.destroy(id)
    return id
  },
}

type Verb = 'promote' | 'disable' | 'enable' | 'destroy'

const verbs: readonly { readonly verb: Verb; readonly from: readonly KeyState[]; readonly to: KeyState }[] = [
  { verb: 'promote', from: ['pending', 'decrypt-only'], to: 'primary' },
  { verb: 'disable', from: ['pending', 'decrypt-only'], to: 'disabled' },
  { verb: 'enable', from: ['disabled'], to: 'decrypt-only' },
  { verb: 'destroy', from: ['pending', 'decrypt-only', 'disabled'], to: 'destroyed' },
]

describe.each(verbs)('to $verb', ({ verb, from, to }) => {
  it.each(keyStates)('a key that is %s', async (state) => {
    const { keys } = await inFile()
    const id = await makings[state](keys)
    const before = keys.list()
    if (from.includes(state)) {
      await keys[verb](id)
      expect(keys.list().find((key) => key.id === id)).toMatchObject({ state: to })
      expect(keys.list().filter((key) => key.state === 'primary')).toHaveLength(1)
      return
    }
    await expect(keys[verb](id)).rejects.toMatchObject({
      code: 'KEY_UNAVAILABLE',
      message: `The key ${id} is ${state}; it must be ${from.join(' or ')}`,
    })
    expect(keys.list()).toEqual(before)
  })

  it('a key that is unknown', async () => {
    const { keys } = await inFile()
    await expect(keys[verb]('0000000000000000')).rejects.toMatchObject({
      code: 'KEY_UNAVAILABLE',
      message: expect.stringContaining('is unknown; it must be') as string,
    })
  })
})

describe('a rotation in two steps', () => {
  it('causes no miss: a process that has the pending key opens what it seals once it is primary', async () => {
    const { path, keys, protection } = await inFile()
    const id = await keys.add()
    const other = await started(encryption({ keyFile: path }))
    await keys.promote(id)
    const envelope = protection.forCache(scope).seal('v', place, times)
    expect(other.forCache(scope).open(envelope, place)).toMatchObject({ ok: true })
  })
})

describe('keys that are loaded anew', () => {
  it('are those of the same installation, or those from before stay in use', async () => {
    let given = secret(1)
    const reports: string[] = []
    const protection = await started(encryption({ keys: () => given }), {
      report: (text) => reports.push(text),
    })
    given = secret(2)
    await expect(protection.keys.reload()).rejects.toMatchObject({
      code: 'KEY_UNAVAILABLE',
      message: expect.stringContaining('gives the keys of another installation') as string,
    })
    expect(reports).toEqual([expect.stringMatching(/stay in use: .*another installation/)])
    const envelope = protection.forCache(scope).seal('v', place, times)
    expect((await sealing(1)).open(envelope, place)).toMatchObject({ ok: true })
  })

  it('and say the same leave in use what was derived from them', async () => {
    const protection = await started(encryption({ keys: () => secret(1) }))
    const cache = protection.forCache(scope)
    const salt = (): string => Buffer.from(cache.seal('v', place, times)).toString('hex', 30, 46)
    const before = salt()
    await protection.keys.reload()
    expect(salt()).toBe(before)
  })

  it('are asked for each time that the refresh is over, also after one that failed', async () => {
    const clock = new ManualClock()
    const keys = vi.fn<() => Promise<Uint8Array>>(async () => secret(1))
    await started(encryption({ keys, refresh: '30s' }), { clock })
    for (let calls = 2; calls <= 4; calls++) {
      if (calls === 3) keys.mockRejectedValueOnce(new Error('the service is away'))
      await clock.advanceAsync(29_999)
      expect(keys).toHaveBeenCalledTimes(calls - 1)
      await clock.advanceAsync(1)
      expect(keys).toHaveBeenCalledTimes(calls)
    }
  })

  it('are not asked for by themselves where the refresh is endless', async () => {
    const clock = new ManualClock()
    await started(encryption({ keys: () => secret(1), refresh: Infinity }), { clock })
    expect(clock.pendingTimers).toBe(0)
  })

  it('because of entries of unknown keys are asked for once a second', async () => {
    const clock = new ManualClock()
    const keys = vi.fn<() => Uint8Array>(() => secret(1))
    const protection = await started(encryption({ keys, refresh: Infinity }), { clock })
    const cache = protection.forCache(scope)
    const envelope = (await sealing(2)).seal('v', place, times)
    const read = async (): Promise<number> => {
      expect(cache.open(envelope, place)).toEqual({ ok: false, reason: 'unknown-key' })
      await clock.advanceAsync(0)
      return keys.mock.calls.length
    }
    expect([await read(), await read()]).toEqual([2, 2])
    clock.advance(999)
    expect(await read()).toBe(2)
    clock.advance(1)
    expect([await read(), await read()]).toEqual([3, 3])
  })

  it('stay in use while their file is away', async () => {
    const { path, protection } = await inFile()
    const envelope = protection.forCache(scope).seal('v', place, times)
    await rm(path)
    await protection.keys.reload()
    expect(protection.forCache(scope).open(envelope, place)).toMatchObject({ ok: true })
    await expect(protection.keys.rotate()).rejects.toMatchObject({
      code: 'KEY_UNAVAILABLE',
      message: `the key file ${path} is gone; restore it from a backup`,
    })
  })
})

describe('keys of a protection that was closed', () => {
  it('do not come back with a load that was under way, and nothing is armed', async () => {
    const clock = new ManualClock()
    const answers: ((keys: GivenKeys) => void)[] = []
    const keys = vi.fn<() => Promise<GivenKeys>>(
      () => new Promise<GivenKeys>((resolve) => answers.push(resolve)),
    )
    const protection = encryption({ keys, refresh: '30s' })
    const starting = started(protection, { clock })
    answers.pop()?.({ keys: [secret(1)] })
    await starting
    clock.advance(30_000)
    expect(keys).toHaveBeenCalledTimes(2)
    await protection.close()
    answers.pop()?.({ keys: [secret(1)] })
    await clock.advanceAsync(0)
    expect(() => protection.keys.list()).toThrow(
      expect.objectContaining({
        code: 'KEY_UNAVAILABLE',
        message: expect.stringContaining('not loaded') as string,
      }),
    )
    expect(clock.pendingTimers).toBe(0)
  })

  it('are neither changed nor loaded', async () => {
    const { path, keys, protection } = await inFile()
    const id = await keys.add()
    const bytes = await readFile(path)
    await protection.close()
    const refusal = { code: 'KEY_UNAVAILABLE', message: expect.stringContaining('not in use') as string }
    await expect(keys.promote(id)).rejects.toMatchObject(refusal)
    await expect(keys.add()).rejects.toMatchObject(refusal)
    await expect(keys.reload()).rejects.toMatchObject(refusal)
    expect(await readFile(path)).toEqual(bytes)
  })
})

describe('a keyring', () => {
  it.each(['none', 'two'])('with %s of its keys primary is refused', (count) => {
    const { keys, ...rest } = newMaterial('')
    const others = count === 'two' ? [...keys, newKey('primary', '')] : [newKey('decrypt-only', '')]
    expect(() => new Keyring({ ...rest, keys: others })).toThrow(
      expect.objectContaining({
        code: 'KEY_UNAVAILABLE',
        message: 'A keyring needs exactly one primary key',
      }),
    )
  })
})

async function inFile(): Promise<{
  readonly path: string
  readonly keys: Keys
  readonly protection: KeyedProtection
}> {
  const path = join(await makeDirectory(), '.cache_key')
  const protection = await started(encryption({ keyFile: path }))
  return { path, keys: protection.keys, protection }
}
