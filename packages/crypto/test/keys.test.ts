import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ManualClock } from '@cache/conformance'
import { systemClock } from '@cache/core'
import { describe, expect, it, vi } from 'vitest'
import { encryption, signing, type EncryptionOptions } from '../src/index.ts'
import { makeDirectory, place, scope, secret, sealing, started, times } from './support.ts'

describe('an entry', () => {
  it.each(['encrypt', 'sign'] as const)(
    'of mode %s whose key is here has no keys loaded anew',
    async (mode) => {
      const clock = new ManualClock()
      const keys = vi.fn<() => Uint8Array>(() => secret(1))
      const protection = await started(encryption({ keys, refresh: Infinity }), { clock })
      const cache = protection.forCache({ ...scope, mode })
      const other = await sealing(1, { mode })
      clock.advance(10_000)
      expect(cache.open(other.seal('v', place, times), place)).toMatchObject({ ok: true })
      expect(keys).toHaveBeenCalledTimes(1)
      expect(cache.open((await sealing(2, { mode })).seal('v', place, times), place).ok).toBe(false)
      expect(keys).toHaveBeenCalledTimes(2)
    },
  )
})

describe('the states of a key', () => {
  it('say what it does', async () => {
    const { keys, forCache } = await inFile()
    const cache = forCache()
    const [first] = keys.list()
    const oldId = first?.id ?? ''
    const old = cache.seal('v', place, times)
    const id = await keys.add()
    expect(states(keys)).toEqual(['primary', 'pending'])
    expect(cache.isCurrent(old)).toBe(true)
    await keys.promote(id)
    expect(states(keys)).toEqual(['decrypt-only', 'primary'])
    expect(cache.isCurrent(old)).toBe(false)
    expect(cache.isCurrent(cache.seal('v', place, times))).toBe(true)
    expect(cache.open(old, place)).toMatchObject({ ok: true })
    await keys.disable(oldId)
    expect(cache.open(old, place)).toEqual({ ok: false, reason: 'unknown-key' })
    await keys.enable(oldId)
    expect(cache.open(old, place)).toMatchObject({ ok: true })
    await keys.destroy(oldId)
    expect(cache.open(old, place)).toEqual({ ok: false, reason: 'unknown-key' })
    expect(keys.list()[0]).toEqual({ id: oldId, state: 'destroyed', createdAt: first?.createdAt })
    await expect(keys.enable(oldId)).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' })
    await expect(keys.destroy(id)).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' })
    await expect(keys.promote('0000000000000000')).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' })
  })

  it('leave the hashes of keys as they are', async () => {
    const { keys, forCache } = await inFile()
    const before = forCache().hashKey('k')
    await keys.rotate()
    expect(forCache().hashKey('k')).toBe(before)
  })

  it('reach other processes from time to time, and when an entry needs a key', async () => {
    const path = join(await makeDirectory(), '.cache_key')
    const clock = new ManualClock()
    const one = await started(encryption({ keyFile: path }))
    const other = await started(encryption({ keyFile: path, refresh: '30s' }), { clock })
    const id = await one.keys.add()
    clock.advance(30_000)
    await vi.waitFor(() => expect(other.keys.list()).toContainEqual(expect.objectContaining({ id })))
    await one.keys.rotate()
    const envelope = one.forCache(scope).seal('v', place, times)
    clock.advance(1000)
    expect(other.forCache(scope).open(envelope, place)).toEqual({ ok: false, reason: 'unknown-key' })
    await vi.waitFor(() => expect(other.forCache(scope).open(envelope, place)).toMatchObject({ ok: true }))
    await other.close()
    expect(clock.pendingTimers).toBe(0)
  })

  it('are changed by one process at a time: no key is lost', async () => {
    const { keys, path } = await inFile()
    const others = await Promise.all([1, 2, 3].map(() => started(encryption({ keyFile: path }))))
    const added: string[] = []
    for (let round = 0; round < 5; round++) {
      const calls = [keys, ...others.map((other) => other.keys)].map((each) => each.add())
      for (const outcome of await Promise.allSettled(calls))
        if (outcome.status === 'fulfilled') added.push(outcome.value)
    }
    expect(added.length).toBeGreaterThanOrEqual(5)
    await keys.reload()
    expect(keys.list().map(({ id }) => id)).toEqual(expect.arrayContaining(added))
  })

  it('are not changed while another process changes them, and the error says what a crash has left', async () => {
    const { keys, path } = await inFile()
    const lock = `${path}.lock`
    await writeFile(lock, '')
    const before = await readFile(path)
    await expect(keys.add()).rejects.toMatchObject({
      code: 'KEY_UNAVAILABLE',
      message: `The keys are being changed by another process; if there is none, remove ${lock}`,
      cause: { code: 'EEXIST' },
    })
    expect(await readFile(path)).toEqual(before)
    await rm(lock)
    await keys.add()
    await expect(readFile(lock)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('derived keys', () => {
  it.each<[string, EncryptionOptions['renewAfter'], number]>([
    ['messages', { messages: 3 }, 0],
    ['time', { time: '1m' }, 20_000],
  ])('are renewed after a number of %s', async (_, renewAfter, stepMs) => {
    const clock = new ManualClock()
    const protection = await started(encryption({ keys: () => secret(1), renewAfter, refresh: Infinity }), {
      clock,
    })
    const cache = protection.forCache(scope)
    const envelopes = Array.from({ length: 12 }, () => {
      const envelope = Buffer.from(cache.seal('v', place, times))
      clock.advance(stepMs)
      return envelope
    })
    expect(new Set(envelopes.map((envelope) => envelope.toString('hex', 30, 46))).size).toBe(4)
    for (const envelope of envelopes) expect(cache.open(envelope, place)).toMatchObject({ ok: true })
  })

  it('are bounded, and those of many processes open all the same', async () => {
    const protection = await started(encryption({ keys: () => secret(1), renewAfter: { messages: 1 } }))
    const cache = protection.forCache(scope)
    const envelopes = Array.from({ length: 600 }, () => cache.seal('v', place, times))
    for (const envelope of envelopes) expect(cache.open(envelope, place)).toMatchObject({ ok: true })
  })

  it('differ between processes with one key', async () => {
    const [one, other] = [await sealing(1), await sealing(1)]
    const salts = [one, other].map((cache) =>
      Buffer.from(cache.seal('v', place, times)).toString('hex', 30, 46),
    )
    expect(new Set(salts).size).toBe(2)
    expect(other.open(one.seal('v', place, times), place)).toMatchObject({ ok: true })
  })
})

describe('options', () => {
  it.each<[object, string]>([
    [{}, 'one of keyFile, keyVariable and keys'],
    [{ keyFile: 'a', keyVariable: 'b' }, 'one of keyFile'],
    [{ keyFile: '' }, 'keyFile must be a path'],
    [{ keyfile: 'a' }, `encryption has no option 'keyfile'`],
    [{ keyVariable: '' }, 'keyVariable a name'],
    [{ keys: secret(1) }, 'keys a function'],
    [{ keyFile: 'a', refresh: '10ms' }, 'refresh'],
    [{ keyFile: 'a', lostKey: 'ignore' }, 'lostKey'],
    [{ keyFile: 'a', refresh: -1 }, 'refresh'],
    [{ keyFile: 'a', renewAfter: { messages: 2 ** 21 } }, 'renewAfter.messages'],
    [{ keyFile: 'a', renewAfter: { messages: 0 } }, 'renewAfter.messages'],
    [{ keyFile: 'a', renewAfter: { messages: 1.5 } }, 'renewAfter.messages'],
    [{ keyFile: 'a', renewAfter: { time: '2h' } }, 'renewAfter.time'],
    [{ keyFile: 'a', renewAfter: { bytes: 1 } }, `renewAfter has no option 'bytes'`],
  ])('%j are refused', (options, fault) => {
    const code = expect.stringMatching(/^INVALID_(OPTION|TTL)$/) as string
    const message = expect.stringContaining(fault) as string
    expect(() => encryption(options as EncryptionOptions)).toThrow(expect.objectContaining({ code, message }))
  })

  it('may be the least and the most that is allowed', () => {
    const renewAfter = { messages: 2 ** 20, time: '1h' } as const
    expect(encryption({ keyFile: 'a', refresh: '1s', renewAfter }).name).toBe('encryption')
    expect(encryption({ keyFile: 'a', renewAfter: { messages: 1 } }).confidential).toBe(true)
  })

  it('of signing do not encrypt', async () => {
    const protection = await started(signing({ keys: () => secret(1) }))
    expect(() => protection.forCache(scope)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: 'signing signs and does not encrypt; use encryption()',
      }),
    )
    expect(protection.forCache({ ...scope, mode: 'sign' })).toBeDefined()
    expect(() => signing({ keyFile: 'a', renewAfter: {} } as never)).toThrow(
      `signing has no option 'renewAfter'`,
    )
  })
})

describe('the end of a protection', () => {
  it('forgets its keys', async () => {
    const protection = encryption({ keys: () => secret(1) })
    expect(() => protection.keys.list()).toThrow('not loaded')
    await started(protection, { clock: systemClock })
    const cache = protection.forCache(scope)
    const hash = cache.hashKey('k')
    await protection.close()
    await protection.close()
    expect(cache.hashKey('k')).not.toBe(hash)
    expect(() => cache.seal('v', place, times)).toThrow('not loaded')
    await expect(protection.keys.rotate()).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' })
  })
})

async function inFile(): Promise<{
  readonly path: string
  readonly keys: Awaited<ReturnType<typeof started>>['keys']
  readonly forCache: () => ReturnType<Awaited<ReturnType<typeof started>>['forCache']>
}> {
  const path = join(await makeDirectory(), '.cache_key')
  const protection = await started(encryption({ keyFile: path }))
  return { path, keys: protection.keys, forCache: () => protection.forCache(scope) }
}

function states(keys: { list(): readonly { readonly state: string }[] }): string[] {
  return keys.list().map(({ state }) => state)
}
