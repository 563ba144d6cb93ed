import { randomBytes } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { encryption } from '../src/index.ts'
import { place, scope, sealing, secret, started, times } from './support.ts'

const base64 = (seed: number): string => Buffer.from(secret(seed)).toString('base64')

describe('keys from a variable of the environment', () => {
  it('are used, with one warning', async () => {
    vi.stubEnv('CACHE_TEST_KEY', base64(1))
    const reports: string[] = []
    const report = (message: string): void => void reports.push(message)
    const protection = await started(encryption({ keyVariable: 'CACHE_TEST_KEY' }), { report })
    const warning = expect.stringMatching(/the environment variable CACHE_TEST_KEY.*prefer keyFile/) as string
    expect(reports).toEqual([warning])
    await protection.keys.reload()
    expect(reports).toEqual([warning])
    expect(protection.keys.list()).toMatchObject([{ state: 'primary', createdAt: '' }])
    const envelope = (await sealing(1)).seal('v', place, times)
    expect(protection.forCache(scope).open(envelope, place)).toMatchObject({ ok: true })
  })

  it('are rotated by naming the new one first and what hashes the keys', async () => {
    vi.stubEnv('CACHE_TEST_KEY', `key=${base64(2)};key=${base64(1)};hashing=${base64(1)}`)
    const protection = await started(encryption({ keyVariable: 'CACHE_TEST_KEY' }))
    const [before, after] = [await sealing(1), protection.forCache(scope)]
    expect(after.hashKey('k')).toBe(before.hashKey('k'))
    const envelope = before.seal('v', place, times)
    expect(after.open(envelope, place)).toMatchObject({ ok: true })
    expect([after.isCurrent(envelope), after.isCurrent(after.seal('v', place, times))]).toEqual([false, true])
    expect(protection.keys.list().map(({ state }) => state)).toEqual(['primary', 'decrypt-only'])
  })

  it.each([
    ['without a name', base64(1)],
    ['in base64url without padding', Buffer.from(secret(1)).toString('base64url')],
    ['with spaces around', ` key=${base64(1)} ; hashing=${base64(1)} `],
  ])('may stand %s', async (_, value) => {
    vi.stubEnv('CACHE_TEST_KEY', value)
    const protection = await started(encryption({ keyVariable: 'CACHE_TEST_KEY' }))
    const envelope = (await sealing(1)).seal('v', place, times)
    expect(protection.forCache(scope).open(envelope, place)).toMatchObject({ ok: true })
    expect(protection.forCache(scope).hashKey('k')).toBe((await sealing(1)).hashKey('k'))
  })

  it.each([
    ['nothing', undefined, 'the environment variable CACHE_TEST_KEY is not set'],
    ['no text', '', 'the environment variable CACHE_TEST_KEY is not set'],
    ['text that is no key', 'hunter2', '32 bytes'],
    ['something before a key', `"${base64(1)}`, '32 bytes'],
    ['something behind a key', `${base64(1)}"`, '32 bytes'],
    ['an empty part', `${base64(1)};`, '32 bytes'],
    ['a part of another name', `${base64(1)};salt=${base64(2)}`, '32 bytes'],
    ['a key that is too short', randomBytes(16).toString('base64'), '32 bytes'],
    ['a second key that is too short', `${base64(1)};AAAA;hashing=${base64(1)}`, '32 bytes'],
    ['something too short to hash with', `${base64(1)};hashing=AAAA`, '32 bytes'],
    ['several keys without what hashes', `${base64(2)};${base64(1)}`, 'hashing'],
  ])('that hold %s are refused', async (_, value, fault) => {
    vi.stubEnv('CACHE_TEST_KEY', value)
    await expect(started(encryption({ keyVariable: 'CACHE_TEST_KEY' }))).rejects.toMatchObject({
      code: 'KEY_UNAVAILABLE',
      message: expect.stringContaining(fault) as string,
    })
  })
})

describe('keys from a function', () => {
  it('are copied, and the function is asked again', async () => {
    const key = secret(1)
    const keys = vi.fn<() => Promise<Uint8Array>>(async () => key)
    const protection = await started(encryption({ keys }))
    expect(key).toEqual(secret(1))
    await protection.keys.reload()
    expect(keys).toHaveBeenCalledTimes(2)
    await expect(protection.keys.rotate()).rejects.toMatchObject({
      code: 'KEY_UNAVAILABLE',
      message: `The keys come from the caller's function of keys; change them there, then reload`,
    })
  })

  it('that fail at the start refuse it, and later leave the keys in use', async () => {
    let away = true
    const keys = async (): Promise<Uint8Array> => {
      if (away) throw new Error('the service is away')
      return secret(1)
    }
    await expect(started(encryption({ keys }))).rejects.toMatchObject({
      code: 'KEY_UNAVAILABLE',
      message: 'The function that gives the keys failed',
      cause: new Error('the service is away'),
    })
    away = false
    const reports: string[] = []
    const protection = await started(encryption({ keys }), { report: (message) => reports.push(message) })
    away = true
    await expect(protection.keys.reload()).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' })
    expect(reports).toEqual([expect.stringContaining('The function that gives the keys failed')])
    expect(protection.forCache(scope).seal('v', place, times)).toBeInstanceOf(Uint8Array)
  })
})
