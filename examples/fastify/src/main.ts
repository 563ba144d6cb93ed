import { once } from 'node:events'
import process from 'node:process'
import { cachesFromEnvironment } from '@cache/environment'
import { createApp } from './app.ts'

// SQLite where nothing is set; Redis or Valkey with CACHE_BACKEND, or where one answers at REDIS_HOST.
const { caches, choice } = await cachesFromEnvironment({ from: import.meta.url })
const app = await createApp(caches, async (symbol) => ({ symbol, last: 1520.5, at: new Date() }))
const address = await app.listen({ port: Number(process.env['PORT'] ?? '3000'), host: '127.0.0.1' })
console.log(`${address}, with ${choice.explanation}`)
await once(process, 'SIGTERM')
await app.close()
