import { randomUUID } from 'node:crypto'
import { childStore, heard, say } from './child-store.ts'

/** Takes the lease of a key and never ends it. */
const [directory = '', leaseMs = '1000'] = process.argv.slice(2)
const { store } = await childStore(directory)
const { kind } = await store.acquire('held', { token: randomUUID(), leaseMs: Number(leaseMs) })
say(kind)
await heard()
