import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { beforeAll, describe, expect, it } from 'vitest'

import { Client } from './support/client.ts'
import { readyApp } from './support/ready-app.ts'
import { type RunningServer, startServer } from './support/running-server.ts'
import { smallMaster } from './support/small-master.ts'

const page = '<!doctype html><html><head><title>503</title></head><body>Service unavailable</body></html>'

describe('a master that cannot be right', () => {
  let server: RunningServer
  let client: Client
  let good: Buffer

  beforeAll(async () => {
    const ready = await readyApp()
    server = ready.server
    client = ready.client
    good = await readFile(join(server.directory, 'small-master.json'))
  })

  it.each([
    { name: 'an error page', spoiled: () => Buffer.from(page), message: /web page/i },
    { name: 'an error page in gzip', spoiled: () => gzipSync(page), message: /web page/i },
    { name: 'a gzip cut short', spoiled: () => gzipSync(good).subarray(0, 5000), message: /cut short/ },
    {
      name: 'a list cut short',
      spoiled: () => good.subarray(0, 90_000),
      message: /before its array is closed/,
    },
    { name: 'an empty file', spoiled: () => Buffer.alloc(0), message: /empty/ },
    {
      name: 'noise',
      spoiled: () => Buffer.from(good.map((byte) => byte ^ 0xa5)),
      message: /format|decode|damaged/i,
    },
    {
      name: 'another kind of list',
      spoiled: () => Buffer.from('[{"a":1},{"a":2}]'),
      message: /format|column/i,
    },
  ])('is refused, and the one before stays: $name', async ({ spoiled, message }) => {
    await writeFile(join(server.directory, 'small-master.json'), spoiled())
    expect((await client.post('/web/master/download')).status).toBe(202)
    const status = await client.until('/web/master', ({ phase }) => phase !== 'importing')
    expect(status.fault.message).toMatch(message)
    expect(status.fault.message).toContain('3,000 instruments from before stay in use')
    expect(status).toMatchObject({ phase: 'ready', instruments: 3000 })
    expect((await client.get('/web/symbols?q=NIFTY')).body.total).toBeGreaterThan(0)
    expect((await client.get('/health')).body.symbol_cache.last_fault).toMatch(message)
  })

  it('is forgotten at the next start', async () => {
    await server.stop()
    const again = await startServer({ directory: server.directory })
    const later = new Client(again.address, client)
    const status = await later.until('/web/master', ({ phase }) => phase !== 'restoring')
    expect(status).toMatchObject({ phase: 'ready', instruments: 3000 })
  })
})

describe('a master that may be right', () => {
  it('is refused when it lost most of its rows, unless somebody insists', async () => {
    const { server, client } = await readyApp()
    await smallMaster(server.directory, 500)
    await client.post('/web/master/download')
    const refused = await client.until('/web/master', ({ fault }) => fault !== undefined)
    expect(refused).toMatchObject({ instruments: 3000, fault: { canForce: true } })
    await client.post('/web/master/download', { force: true })
    const taken = await client.until('/web/master', ({ instruments }) => instruments === 500)
    expect(taken.fault).toBeUndefined()
  })

  it('leaves out broken rows and says which', async () => {
    const { server, client } = await readyApp()
    const path = join(server.directory, 'small-master.json')
    const rows = JSON.parse(await readFile(path, 'utf8')) as { symbol: string; token: string }[]
    rows[7]!.token = ''
    await writeFile(path, JSON.stringify(rows, null, 1))
    await client.post('/web/master/download')
    const status = await client.until(
      '/web/master',
      ({ phase, lastImport }) => phase === 'ready' && lastImport.rowsRejected > 0,
    )
    expect(status.lastImport).toMatchObject({ rowsKept: 2999, rowsRejected: 1 })
    expect(status.lastImport.rejected[0]).toMatch(/^line \d+: blank-token/)
  })
})

describe('a kept master', () => {
  it('is not read again when the start names the same file', async () => {
    const { server, client } = await readyApp()
    await server.stop()
    const args = ['--instruments', join(server.directory, 'small-master.json')]
    const again = new Client((await startServer({ directory: server.directory, args })).address, client)
    const status = await again.until('/web/master', ({ phase }) => phase === 'ready')
    expect(status).toMatchObject({ instruments: 3000, source: 'small-master.json' })
    expect(status.lastImport).toBeUndefined()
  })

  it('that was damaged is reported, and a new one can be downloaded', async () => {
    const { server, client } = await readyApp()
    await server.stop()
    await writeFile(join(server.directory, 'symbols.snapshot'), 'damaged')
    const again = new Client((await startServer({ directory: server.directory })).address, client)
    const status = await again.until('/web/master', ({ fault }) => fault !== undefined)
    expect(status).toMatchObject({ phase: 'empty', instruments: 0 })
    expect(status.fault.message).toContain('Download it again')
    await again.download()
    expect((await again.get('/web/master')).body).toMatchObject({ phase: 'ready', instruments: 142_338 })
  })

  it('is loaded on first use when preloading is off', async () => {
    const { server, client } = await readyApp()
    await server.stop()
    const env = { SYMBOL_CACHE_PRELOAD: 'false' }
    const again = new Client((await startServer({ directory: server.directory, env })).address, client)
    expect((await again.get('/health')).body.symbol_cache.total_symbols).toBe(0)
    expect((await again.get('/web/symbols?q=NIFTY')).body.total).toBeGreaterThan(0)
    expect((await again.get('/health')).body.symbol_cache.total_symbols).toBe(3000)
  })
})
