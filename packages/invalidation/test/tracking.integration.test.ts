import { onCacheEvent, type Cache } from '@cache/core'
import { redis } from '@cache/redis'
import { documentedRights, TcpProxy, TestServer } from '@cache/tooling-servers'
import { valkey } from '@cache/valkey'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pubSub } from '../src/pubsub/index.ts'
import { patience } from './support/patience.ts'
import { hold, Watched, watching } from './support/watched.ts'

const name = (key: string): string => `{cache:values}:v1:${key}`

const plain = [...documentedRights('cache'), '+subscribe', '+ping']
const users = [
  {
    name: 'app',
    password: 'right',
    rights: [...plain, '+client|id', '+client|tracking', '&__redis__:invalidate'],
  },
  { name: 'blind', password: 'right', rights: plain },
]

describe.each([
  ['redis', 3, redis],
  ['redis', 2, redis],
  ['valkey', 2, valkey],
] as const)('foreign writers of %s, protocol %i', { timeout: 120_000 }, (kind, protocol, backendOf) => {
  const starting = TestServer.start({ kind, users })
  const watched = new Watched()
  let server: TestServer
  let proxy: TcpProxy
  let values: Cache<string>

  afterAll(async () => (await starting).stop())

  beforeEach(async () => {
    server = await starting
    await server.command(['FLUSHALL'])
    proxy = await TcpProxy.start(server.port)
    values = await open()
    await watching(values, removed)
    for (const key of ['k', 'other']) await hold(values, key)
    // What comes last has come and was judged, so that the echoes before it were.
    await watching(values, removed)
  })

  afterEach(async () => {
    proxy.behave({})
    await watched.close()
    await proxy.stop()
  })

  async function open(username = 'app'): Promise<Cache<string>> {
    const backend = backendOf({ url: proxy.url, username, password: 'right', protocol, commandTimeout: '2s' })
    return (await watched.open(backend)).define<string>('values', { l1: { ttl: '1h' }, ttl: '1h' })
  }

  function removed(key: string): Promise<unknown> {
    return server.command(['DEL', name(key)])
  }

  it.each([
    ['DEL', ['DEL', name('k')]],
    ['SET', ['SET', name('k'), 'theirs']],
    [
      'HSET in its place',
      ['EVAL', "redis.call('DEL', KEYS[1]) redis.call('HSET', KEYS[1], 'f', 'v')", 1, name('k')],
    ],
    ['EXPIRE', ['EXPIRE', name('k'), 0]],
    ['PEXPIRE', ['PEXPIRE', name('k'), 20]],
    ['RENAME', ['RENAME', name('k'), 'elsewhere']],
  ] as const)('are noticed by their %s', async (_what, command) => {
    await server.command(command)
    await expect.poll(() => values.peek('k'), patience).toBe(undefined)
    expect(values.peek('other')).toBe('v')
    expect(await values.get('k')).toBe(undefined)
  })

  it.each(['FLUSHALL', 'FLUSHDB'])('are noticed by their %s', async (command) => {
    await server.command([command])
    await expect.poll(() => values.peek('k') ?? values.peek('other'), patience).toBe(undefined)
    expect(await values.get('k')).toBe(undefined)
    await hold(values, 'k')
  })

  it('the server itself is one, where it evicts', async () => {
    await server.command(['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random', 'maxmemory', '1'])
    try {
      // It evicts before it runs a command, whatever that does.
      await server.command(['GET', 'some'])
      await expect.poll(() => values.peek('k') ?? values.peek('other'), patience).toBe(undefined)
    } finally {
      await server.command(['CONFIG', 'SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction'])
    }
  })

  it('what they did while nobody was watching is void once somebody watches again', async () => {
    proxy.behave({ refuse: true })
    proxy.cut()
    await removed('k')
    expect(values.peek('k')).toBe('v')
    proxy.behave({})
    await expect.poll(() => values.peek('k') ?? values.peek('other'), patience).toBe(undefined)
  })

  it('are noticed again after the connection that watches was killed', async () => {
    await server.command(['CLIENT', 'KILL', 'TYPE', 'pubsub'])
    await removed('k')
    await expect.poll(() => values.peek('k'), patience).toBe(undefined)
    await watching(values, removed)
  })

  it('are noticed again after the server was started anew', async () => {
    await server.restart('empty')
    await watching(values, removed)
    await hold(values, 'k')
    await removed('k')
    await expect.poll(() => values.peek('k'), patience).toBe(undefined)
  })

  it('are told from the echoes of writes, fills and changes of our own, which stay in L1', async () => {
    const keys = Array.from({ length: 300 }, (_, index) => `own${index}`)
    await values.setMany(keys.slice(0, 100).map((key) => [key, key] as const))
    await Promise.all(keys.slice(100, 200).map((key) => values.set(key, key)))
    await Promise.all(keys.slice(200).map((key) => values.getOrLoad(key, () => key)))
    await hold(values, 'last')
    await removed('last')
    await expect.poll(() => values.peek('last'), patience).toBe(undefined)
    expect(keys.filter((key) => values.peek(key) !== key)).toEqual([])
  })

  it('do not make a read or a load cost another command', async () => {
    const calls = async (command: string): Promise<number> =>
      Number(/calls=(\d+)/.exec(await server.info(`cmdstat_${command}`))?.[1] ?? 0)
    const before = { mget: await calls('mget'), evalsha: await calls('evalsha') }
    for (let turn = 0; turn < 100; turn++) await values.get('k')
    expect({ mget: await calls('mget'), evalsha: await calls('evalsha') }).toEqual(before)
    await values.getOrLoad('loaded', () => 'x')
    expect(await calls('evalsha')).toBe(before.evalsha + 2)
  })

  it('go unnoticed by a user that may not track, who is told what to mend, and the bound holds', async () => {
    const reports: { readonly message: string; readonly error: unknown }[] = []
    const stopListening = onCacheEvent(
      'cache:report',
      ({ message, error }) => void reports.push({ message, error }),
    )
    const blind = await open('blind')
    await expect
      .poll(() => reports.map(({ message }) => message).join(), patience)
      .toContain('refuses to track')
    expect(reports.at(-1)?.error).toMatchObject({
      code: 'BACKEND_REFUSED',
      message: expect.stringContaining('+client|id +client|tracking') as unknown,
    })
    await hold(blind, 'k')
    await values.set('k', 'new')
    await expect.poll(() => blind.peek('k'), patience).toBe(undefined)
    stopListening()
  })
})

it('tracking must be true or false', () => {
  const backend = redis({ url: 'redis://127.0.0.1:1' })
  expect(() => pubSub({ backend, tracking: 'yes' as never })).toThrow(
    'pubSub: tracking must be true or false',
  )
})
