import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { TestServer } from '@cache/tooling-servers'
import { describe, expect, it } from 'vitest'

import { buyFuture } from './support/buy-future.ts'
import { type Client, credentials } from './support/client.ts'
import { readyApp } from './support/ready-app.ts'
import { whenOver } from './support/when-over.ts'

/** Every secret that a person's day brings, by what it is. Afterwards nothing may hold one of them as it is. */
async function useEverything(client: Client): Promise<Record<string, string>> {
  const key = await client.makeApiKey()
  const symbol = await buyFuture(client)
  for (const path of ['ping', 'funds', 'orderbook', 'positionbook'])
    expect((await client.post(`/api/v1/${path}`, { apikey: key })).status).toBe(200)
  const wrongKey = 'wrong-key-0123456789abcdef'
  expect((await client.post('/api/v1/ping', { apikey: wrongKey })).status).toBe(403)
  const rule = { name: 'Mine', symbols: [{ symbol, exchange: 'NFO', product: 'NRML', quantity: 75 }] }
  const { body: strategy } = await client.post('/web/strategies', rule)
  const webhook = String(strategy.webhook).split('/').at(-1) ?? ''
  await client.post(`/strategy/webhook/${webhook}`, { symbol, action: 'BUY' })
  await client.get(`/strategy/webhook/${webhook}`)
  await client.post(`/strategy/webhok/${webhook}`)
  const { body: link } = await client.post('/web/telegram/code')
  const session = decodeURIComponent(client.cookie.split('=')[1] ?? '').split('.')[0] ?? ''
  const secrets = {
    key,
    wrongKey,
    webhook,
    session,
    password: credentials.password,
    code: String(link.code ?? ''),
  }
  return Object.fromEntries(Object.entries(secrets).filter(([, secret]) => secret.length > 5))
}

/** Everything below a directory, as one text. */
function contentsOf(directory: string): string {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.includes('simulated-broker') && statSync(join(directory, name)).isFile())
    .map((name) => readFileSync(join(directory, name), 'latin1'))
    .join('\n')
}

describe.each(['sqlite', 'redis', 'valkey'] as const)('a day of the app on %s', (backend) => {
  it('leaves no secret in files, keys, values, logs, metrics or the audit', async () => {
    const isServer = backend !== 'sqlite'
    // Its log of commands holds every key and value that was ever written.
    const config = { appendonly: 'yes', 'aof-use-rdb-preamble': 'no', rdbcompression: 'no' }
    const store = isServer ? await TestServer.start({ kind: backend, config }) : undefined
    whenOver(() => store?.stop())
    const { server, client } = await readyApp({
      CACHE_BACKEND: backend,
      CACHE_LOG_HITS: 'true',
      CACHE_LOG_MISSES: 'true',
      CACHE_LOG_KEYS: 'true',
      LOG_LEVEL: 'debug',
      ...(store ? { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(store.port) } : {}),
    })
    const secrets = await useEverything(client)
    expect(Object.keys(secrets)).toEqual(expect.arrayContaining(['key', 'session', 'password', 'webhook']))
    const metrics = (await client.get('/metrics')).body
    const state = JSON.stringify((await client.get('/diagnostics/cache-state')).body)
    await client.post('/web/sign-out')
    expect(await server.stop('SIGTERM')).toBe(0)
    const places = {
      files: contentsOf(server.directory),
      output: server.output(),
      log: server.log(),
      metrics,
      state,
      ...(store ? { store: contentsOf(store.directory) } : {}),
    }
    expect(places.files).toContain('"cache":"sessions"')
    // What the app does itself is what its rules allow.
    expect(places.files).not.toContain('"outcome":"denied"')
    if (store) expect(places.store).toContain('trading:')
    for (const [what, secret] of Object.entries(secrets))
      for (const [place, text] of Object.entries(places))
        expect(text.includes(secret) ? `${what} in ${place}` : 'nothing').toBe('nothing')
  })
})
