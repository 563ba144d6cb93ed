import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createCaches } from '@cache/core'
import { memory } from '@cache/memory'
import { expect, it, onTestFinished, describe } from 'vitest'
import { createApp } from '../src/app.ts'
import { ProductTable } from '../src/products.ts'

const secret = 'only for this test, 32 characters or more'

async function shop(): Promise<{ table: ProductTable; url: string }> {
  const caches = await createCaches({ backend: memory() })
  const table = new ProductTable()
  const server = (await createApp(caches, table, secret)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await caches.close()
  })
  return { table, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describe('the Express example', () => {
  it('asks the table once for a product, and anew after its price changed', async () => {
    const { table, url } = await shop()
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(`${url}/products/pen`)))
    for (const answer of answers) expect(await answer.json()).toMatchObject({ name: 'Pen', price: 2 })
    expect(table.reads).toBe(1)

    const headers = { 'content-type': 'application/json' }
    const change = await fetch(`${url}/products/pen/price`, { method: 'PUT', headers, body: '{"price":3}' })
    expect(change.status).toBe(204)
    expect(await (await fetch(`${url}/products/pen`)).json()).toMatchObject({ price: 3 })
  })

  it('remembers that there is no such product', async () => {
    const { table, url } = await shop()
    expect((await fetch(`${url}/products/anchor`)).status).toBe(404)
    expect((await fetch(`${url}/products/anchor`)).status).toBe(404)
    expect(table.reads).toBe(1)
  })

  it('keeps what a visitor has seen', async () => {
    const { url } = await shop()
    const first = await fetch(`${url}/products/pen`)
    const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect(await (await fetch(`${url}/seen`, { headers: { cookie } })).json()).toEqual(['pen'])
    expect(await (await fetch(`${url}/seen`)).json()).toEqual([])
  })

  it('is healthy, and counts', async () => {
    const { url } = await shop()
    await fetch(`${url}/products/pen`)
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ healthy: true })
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('cache_loads_total{cache="products"} 1')
  })
})
