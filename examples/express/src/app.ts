import type { Caches } from '@cache/core'
import { prometheus } from '@cache/metrics'
import { createSessions } from '@cache/session'
import { expressSessionStore } from '@cache/session/express'
import express, { type Express } from 'express'
import session from 'express-session'
import { Registry } from 'prom-client'
import type { Product, ProductTable } from './products.ts'

declare module 'express-session' {
  interface SessionData {
    seen: string[]
  }
}

/** The shop: cached products, sessions and metrics on the same caches. */
export async function createApp(caches: Caches, table: ProductTable, secret: string): Promise<Express> {
  const products = caches.define<Product>('products', {
    ttl: '10m',
    maxEntries: 10_000,
    loading: { negativeTtl: '5s', staleFor: '1h' }, // what the table does not have; what it could not give
  })
  const registry = new Registry()
  await prometheus(caches, { registry })

  const app = express()
  const store = expressSessionStore(createSessions(caches, { idle: '30m' }))
  app.use(session({ store, secret, resave: false, saveUninitialized: false }))
  app.use(express.json())

  app.get('/products/:id', async (request, response) => {
    const { id } = request.params
    const product = await products.getOrLoad(id, () => table.find(id), { tags: ['products'] })
    if (product === undefined) {
      response.sendStatus(404)
      return
    }
    request.session.seen = [...new Set([...(request.session.seen ?? []), id])]
    response.json(product)
  })

  app.put('/products/:id/price', async (request, response) => {
    const { id } = request.params
    const changed = await table.setPrice(id, Number(request.body.price))
    if (changed) await products.delete(id) // every process reads the new price from here on
    response.sendStatus(changed ? 204 : 404)
  })

  app.get('/seen', (request, response) => void response.json(request.session.seen ?? []))
  app.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics())
  })
  app.get('/health', async (_request, response) => {
    const { healthy } = await caches.health()
    response.status(healthy ? 200 : 503).json({ healthy })
  })
  return app
}
