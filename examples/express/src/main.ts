import { once } from 'node:events'
import process from 'node:process'
import { createCaches } from '@cache/core'
import { memory } from '@cache/memory'
import { sqlite } from '@cache/sqlite'
import { createApp } from './app.ts'
import { ProductTable } from './products.ts'

const { PORT = '3000', SESSION_SECRET } = process.env
if (SESSION_SECRET === undefined) throw new Error('Set SESSION_SECRET to a secret of 32 characters or more')

const caches = await createCaches({ backend: sqlite({ directory: 'db' }), l1: memory({ maxBytes: '64mb' }) })
const app = await createApp(caches, new ProductTable(), SESSION_SECRET)
const server = app.listen(Number(PORT), '127.0.0.1')
await once(server, 'listening')

await once(process, 'SIGTERM')
server.close()
await once(server, 'close')
await caches.close() // nothing runs afterwards, so the process ends
