import { beforeAll, describe, expect, it } from 'vitest'

import { Client, credentials } from './support/client.ts'
import { readyApp } from './support/ready-app.ts'
import type { RunningServer } from './support/running-server.ts'

let server: RunningServer
let client: Client

beforeAll(async () => {
  ;({ server, client } = await readyApp())
})

const reads = [
  '/web/caches',
  '/web/caches/samples',
  '/web/caches/rotation',
  '/web/caches/audit',
  '/web/caches/news',
]
const changes = [
  '/web/caches/users/entries',
  '/web/caches/users/invalidate',
  '/web/caches/clear-domain',
  '/web/caches/rotation',
]

describe('the routes of the console', () => {
  it('are for administrators who are signed in, with the token of the page', async () => {
    const stranger = new Client(server.address)
    for (const path of reads) expect((await stranger.get(path)).status).toBe(401)
    for (const path of changes) expect((await stranger.post(path)).status).toBe(401)
    const forged = new Client(server.address, client)
    forged.csrf = 'wrong'
    for (const path of changes) expect((await forged.post(path)).status).toBe(403)
  })

  it('tell which instance answers', async () => {
    for (const path of reads.filter((one) => !one.endsWith('news'))) {
      const { instance } = await client.until(path, (body) => body.instance !== undefined)
      expect([path, instance]).toEqual([path, 'instance-1'])
    }
  })

  it('tell sizes beside their limits, the tier in memory, health and domains', async () => {
    const { body } = await client.get('/web/caches')
    expect(body).toMatchObject({
      transport: null,
      local: { maxBytes: 64 * 1024 * 1024 },
      health: { healthy: true, operations: { set: true, get: true, delete: true } },
      breakers: [],
    })
    const quotes = body.caches.find(({ cache }: { cache: string }) => cache === 'quotes')
    expect(quotes).toMatchObject({ domain: 'market', maxEntries: 10_000, sensitive: false })
  })

  it('find an entry and make it unreadable, and show nothing of a secret one', async () => {
    const find = (name: string, by: string, text: string) =>
      client.post(`/web/caches/${name}/entries`, { by, text })
    const found = (await find('users', 'pattern', '*')).body.entries
    expect(found).toHaveLength(1)
    expect(found[0].value).toContain(credentials.name)
    expect((await client.post('/web/caches/users/invalidate', { key: found[0].key })).body).toMatchObject({
      found: true,
    })
    await client.get('/web/broker')
    const secret = (await find('auth', 'key', '1')).body.entries
    expect(secret).toHaveLength(1)
    expect(secret[0]).not.toHaveProperty('value')
    expect(secret[0]).not.toHaveProperty('key')
    expect(await find('auth', 'pattern', '*')).toMatchObject({ status: 400 })
    expect(await find('nothing', 'key', '1')).toMatchObject({ status: 404 })
    expect(await find('users', 'key', '')).toMatchObject({ status: 400 })
  })

  it('clear a domain, and never what counts failed sign-ins', async () => {
    const { cleared } = (await client.post('/web/caches/clear-domain', { domain: 'system' })).body
    expect(cleared.toSorted()).toEqual(['bans', 'settings'])
    expect((await client.post('/web/caches/clear-domain', { domain: 'nothing' })).status).toBe(400)
  })

  it('rotate the keys while everybody stays signed in', async () => {
    expect((await client.post('/web/caches/rotation')).status).toBe(202)
    const done = await client.until('/web/caches/rotation', ({ phase }) => phase !== 'running')
    expect(done).toMatchObject({ phase: 'done', progress: { unreadable: 0 } })
    expect(done.keys).toHaveLength(2)
    expect((await client.get('/web/session')).body.signedIn).toBe(true)
    expect((await client.get('/web/orders')).status).toBe(200)
  })

  it('tell who did what with the secrets, and leave no record of looking at figures', async () => {
    await client.post('/web/caches/feed-tokens/clear')
    await client.get('/web/caches')
    type Entry = { operation: string; caller?: string; cache: string }
    const { kept, entries } = await client.until('/web/caches/audit?count=500', (body) =>
      body.entries.some(({ operation, cache }: Entry) => operation === 'clear' && cache === 'feed-tokens'),
    )
    expect(kept).toBe(true)
    const cleared = entries.find(
      ({ operation, cache }: Entry) => operation === 'clear' && cache === 'feed-tokens',
    )
    expect(cleared).toMatchObject({ caller: `console/${credentials.name}`, outcome: 'done' })
    expect(entries.filter(({ operation }: Entry) => operation === 'inspect')).toEqual([])
    expect((await client.get('/web/caches/audit?count=9999')).status).toBe(400)
  })

  it('tell samples of each cache and of all together', async () => {
    await client.until('/web/caches/samples?cache=users', ({ timesMs }) => timesMs?.length > 0)
    expect((await client.get('/web/caches/samples')).body.reads.at(-1)).toBeGreaterThan(0)
    expect((await client.get('/web/caches/samples?cache=nothing')).status).toBe(404)
    expect((await client.get('/web/caches/samples?range=9y')).status).toBe(400)
  })
})
