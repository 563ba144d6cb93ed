import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { valueFormat } from '@cache/core'
import { ManualClock } from '@cache/conformance'
import { memory } from '@cache/memory'
import { describe, expect, it } from 'vitest'
import { eventsOf, forge, makeDirectory, onlyEntry, openEncrypted, openStore } from './support.ts'

interface Token {
  readonly access: string
}

const token: Token = { access: 'canary-value-1' }

async function oneToken(
  l1 = false,
): Promise<{ directory: string } & Awaited<ReturnType<typeof openEncrypted>>> {
  const directory = await makeDirectory()
  const opened = await openEncrypted(directory, l1 ? { l1: memory() } : {})
  return { directory, ...opened }
}

describe('a sensitive cache', () => {
  it.each([true, false])('gives back what was stored, with L1: %s', async (l1) => {
    const { caches } = await oneToken(l1)
    const tokens = caches.define<Token | Uint8Array | Map<string, number>>('auth')
    await tokens.set('user:1', token, { tags: ['user:1'] })
    await tokens.set('bytes', Uint8Array.of(1, 2))
    await tokens.set('map', new Map([['a', 1]]))
    for (let read = 0; read < 2; read++) {
      expect(await tokens.get('user:1')).toEqual(token)
      expect(await tokens.getMany(['bytes', 'map', 'none'])).toEqual([
        Uint8Array.of(1, 2),
        new Map([['a', 1]]),
        undefined,
      ])
    }
    expect(tokens.peek('user:1')).toEqual(l1 ? token : undefined)
    expect(await tokens.getOrLoad('loaded', async () => token)).toEqual(token)
    expect(await tokens.getOrLoad('loaded', () => Promise.reject(new Error('hit')))).toEqual(token)
    await caches.invalidateTags(['user:1'])
    expect(await tokens.get('user:1')).toBeUndefined()
  })

  it('keeps neither value nor key readable in its file', async () => {
    const { directory, caches } = await oneToken()
    const tokens = caches.define<Token>('auth', { loading: { negativeTtl: '1h' } })
    await tokens.set('canary-key-1', token)
    await tokens.getOrLoad('canary-key-2', async () => ({ access: 'canary-value-2' }))
    await tokens.getOrLoad('canary-key-3', async () => undefined)
    await tokens.update('canary-key-1', () => ({ access: 'canary-value-3' }))
    await caches.close()
    for (const name of await readdir(directory))
      expect((await readFile(join(directory, name))).includes('canary')).toBe(false)
  })

  it('keeps its entries over a restart', async () => {
    const { directory, caches } = await oneToken()
    await caches.define<Token>('auth').set('user:1', token)
    await caches.close()
    const again = await openEncrypted(directory)
    expect(await again.caches.define<Token>('auth').get('user:1')).toEqual(token)
  })

  it.each(['auth', 'broker:tokens', 'API_KEYS'])('is what the name %s makes of it', async (name) => {
    const { caches } = await oneToken()
    caches.define(name)
    expect(caches.list()).toMatchObject([{ name, sensitive: true }])
  })

  it('counts its steps by atomic operations as any cache', async () => {
    const { caches } = await oneToken()
    const counters = caches.define<number>('tokens')
    await Promise.all(Array.from({ length: 20 }, () => counters.increment('n')))
    expect(await counters.get('n')).toBe(20)
  })
})

describe('what somebody with access to the store does', () => {
  it('is found: an entry moved to another key is deleted, counted, published and a miss', async () => {
    const { directory, caches } = await oneToken()
    const failures = eventsOf('cache:failure')
    const tokens = caches.define<Token>('auth')
    await tokens.set('mallory', token)
    const store = await openStore(directory, 'auth')
    const { entry } = await onlyEntry(store)
    await tokens.set('alice', { access: 'hers' })
    const alice = (await store.scan({ limit: 10 })).keys.find((key) => key !== undefined)
    const stored = (await store.scan({ limit: 10 })).keys
    expect(alice).toBeDefined()
    for (const key of stored) await forge(store, key, entry)
    const [mallory, victim] = await tokens.getMany(['mallory', 'alice'])
    expect(victim).toBeUndefined()
    expect(mallory).toEqual(token)
    expect(tokens.stats()).toMatchObject({ forgeries: 1 })
    expect(failures).toMatchObject([{ cache: 'auth', operation: 'decode', code: 'DECRYPTION_FAILED' }])
    expect(await store.count()).toBe(1)
  })

  it('is found: an entry of another cache, whose keys are hashed differently and whose payload is bound', async () => {
    const { directory, caches } = await oneToken()
    const [auth, tokens] = [caches.define<Token>('auth'), caches.define<Token>('tokens')]
    await auth.set('k', token)
    await tokens.set('k', { access: 'other' })
    const [from, to] = [await openStore(directory, 'auth'), await openStore(directory, 'tokens')]
    const [source, target] = [await onlyEntry(from), await onlyEntry(to)]
    expect(source.key).not.toBe(target.key)
    await forge(to, target.key, source.entry)
    expect(await tokens.get('k')).toBeUndefined()
    expect(tokens.stats().forgeries).toBe(1)
  })

  it.each<[string, object]>([
    ['plain JSON', { payload: '{"access":"forged"}', format: valueFormat.json }],
    ['a value that claims to be live', { payload: 'forged', format: valueFormat.live }],
    ['the word that there is nothing', { payload: '', format: valueFormat.negative }],
    ['another format', { format: valueFormat.faithful }],
    ['fewer tags', { tags: [] }],
    ['a higher version', { version: 99 }],
    ['another revision', { revision: 'other' }],
    ['bytes of its own', { payload: Buffer.alloc(200, 1) }],
  ])('is found: %s in the place of an entry', async (_, changes) => {
    const { directory, caches } = await oneToken()
    const tokens = caches.define<Token>('auth')
    await tokens.set('k', token, { tags: ['user:1'] })
    const store = await openStore(directory, 'auth')
    const { key, entry } = await onlyEntry(store)
    await forge(store, key, entry, changes)
    expect(await tokens.get('k')).toBeUndefined()
    expect(tokens.stats().forgeries).toBe(1)
    expect(await store.count()).toBe(0)
    await tokens.set('k', token)
    expect(await tokens.get('k')).toEqual(token)
  })

  it('is found by a load, which replaces it', async () => {
    const { directory, caches } = await oneToken()
    const tokens = caches.define<Token>('auth', { loading: { staleFor: '1h' } })
    await tokens.set('k', token)
    const store = await openStore(directory, 'auth')
    const { key, entry } = await onlyEntry(store)
    for (const changes of [{ revision: 'other' }, { revision: 'other', freshForMs: 0 }]) {
      await forge(store, key, entry, changes)
      expect(await tokens.getOrLoad('k', async () => ({ access: 'loaded' }))).toEqual({ access: 'loaded' })
      expect(await tokens.get('k')).toEqual({ access: 'loaded' })
    }
    expect(tokens.stats().forgeries).toBe(2)
  })

  it('is of no use: an entry that is re-dated ends when it was to', async () => {
    const directory = await makeDirectory()
    const clock = new ManualClock()
    const { caches } = await openEncrypted(directory, {
      environment: { clock },
      security: { clockTolerance: '1m' },
    })
    const tokens = caches.define<Token>('auth', { ttl: '10m', loading: { staleFor: '10m' } })
    await tokens.set('k', token)
    const store = await openStore(directory, 'auth', clock)
    const { key, entry } = await onlyEntry(store)
    const day = 86_400_000
    await forge(store, key, entry, { freshForMs: day, keptForMs: day, ageMs: 0 })
    expect(await tokens.ttl('k')).toBeLessThanOrEqual(11 * 60_000)
    clock.advance(12 * 60_000)
    expect(await tokens.get('k')).toBeUndefined()
    expect(await tokens.getWithMeta('k')).toMatchObject({ stale: true })
    clock.advance(10 * 60_000)
    expect(await tokens.getWithMeta('k')).toBeUndefined()
  })

  it('is found: an older entry put back in the place of a newer, or after it was made unreadable', async () => {
    const directory = await makeDirectory()
    const clock = new ManualClock()
    const { caches } = await openEncrypted(directory, { environment: { clock } })
    const tokens = caches.define<Token>('auth', { ttl: '1d' })
    const store = await openStore(directory, 'auth', clock)
    const endings: readonly (() => Promise<unknown>)[] = [
      () => tokens.set('k', { access: 'newer' }),
      () => tokens.delete('k'),
      () => tokens.invalidateTags(['user:1']),
      () => caches.clear(),
    ]
    for (const end of endings) {
      await tokens.set('k', token, { tags: ['user:1'] })
      const { key, entry } = await onlyEntry(store)
      clock.advance(120_000)
      await end()
      await forge(store, key, entry)
      expect(await tokens.get('k')).toBeUndefined()
      expect(await store.count()).toBe(0)
    }
    expect(tokens.stats().forgeries).toBe(endings.length)
  })
})

describe('the times of a sealed entry', () => {
  it('are prolonged by sealing it anew, and shortened at once', async () => {
    const directory = await makeDirectory()
    const clock = new ManualClock()
    const { caches } = await openEncrypted(directory, { environment: { clock } })
    const tokens = caches.define<Token>('auth', { ttl: '5m' })
    await tokens.set('k', token, { tags: ['user:1'], version: 3 })
    expect(await tokens.expire('none', '1h')).toBe(false)
    expect(await tokens.expire('k', '1h')).toBe(true)
    clock.advance(30 * 60_000)
    expect(await tokens.getWithMeta('k')).toMatchObject({ value: token, version: 3, tags: ['user:1'] })
    const revision = (await tokens.getWithMeta('k'))?.revision ?? ''
    expect(await tokens.expireIf('k', 'other', '2h')).toBe(false)
    expect(await tokens.expireIf('k', revision, '2h')).toBe(true)
    expect(await tokens.expire('k')).toBe(true)
    expect(await tokens.get('k')).toBeUndefined()
  })
})

describe('a signed cache', () => {
  it('refuses what others wrote, and shows what it holds', async () => {
    const { directory, caches } = await oneToken(true)
    const symbols = caches.define<{ name: string }>('symbols', { values: { signed: true } })
    await symbols.set('INFY', { name: 'Infosys' })
    const store = await openStore(directory, 'symbols')
    const { key, entry } = await onlyEntry(store)
    expect(key).toBe('INFY')
    expect(Buffer.from(entry.payload as Uint8Array).toString()).toContain('Infosys')
    await symbols.get('INFY')
    expect(symbols.peek('INFY')).toEqual({ name: 'Infosys' })
    const forgery = Buffer.from(entry.payload as Uint8Array)
    forgery.write('Imposter', forgery.indexOf('Infosys'))
    await forge(store, key, entry, { payload: forgery })
    const other = await openEncrypted(directory)
    const read = other.caches.define<{ name: string }>('symbols', { values: { signed: true } })
    expect(await read.get('INFY')).toBeUndefined()
    expect(read.stats().forgeries).toBe(1)
  })
})

describe('what was decrypted', () => {
  it('with a key __proto__ pollutes nothing, even if it was sealed', async () => {
    const { caches, protection, directory } = await oneToken()
    const tokens = caches.define<object>('auth')
    await tokens.set('k', { a: 1 })
    const store = await openStore(directory, 'auth')
    const { key, entry } = await onlyEntry(store)
    const forger = protection.forCache({ prefix: 'cache', cache: 'auth', version: 1, mode: 'encrypt' })
    const place = { key, format: valueFormat.json, revision: entry.revision, version: undefined, tags: [] }
    const sealed = forger.seal('{"__proto__":{"admin":true}}', place, {
      wallMs: Date.now(),
      freshForMs: 60_000,
      keptForMs: 60_000,
    })
    await forge(store, key, entry, { payload: sealed })
    expect(await tokens.get('k')).toBeUndefined()
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  it('is quoted by no error', async () => {
    const { caches, protection, directory } = await oneToken()
    const failures = eventsOf('cache:failure')
    const tokens = caches.define<object>('auth')
    await tokens.set('k', { a: 1 })
    const store = await openStore(directory, 'auth')
    const { key, entry } = await onlyEntry(store)
    const forger = protection.forCache({ prefix: 'cache', cache: 'auth', version: 1, mode: 'encrypt' })
    const place = { key, format: valueFormat.json, revision: entry.revision, version: undefined, tags: [] }
    const sealed = forger.seal('canary-value not json', place, {
      wallMs: Date.now(),
      freshForMs: 9e4,
      keptForMs: 9e4,
    })
    await forge(store, key, entry, { payload: sealed })
    expect(await tokens.get('k')).toBeUndefined()
    const [failure] = failures
    expect(failure).toMatchObject({ code: 'DECODING_FAILED' })
    const { message, cause, stack } = (failure?.error ?? {}) as Error
    expect(`${message} ${String(cause)} ${stack ?? ''}`).not.toContain('canary')
  })
})
