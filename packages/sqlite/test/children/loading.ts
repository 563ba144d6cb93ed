import { randomUUID } from 'node:crypto'
import { newEntry } from '@cache/conformance'
import { childStore, say } from './child-store.ts'

/** Loads each key if it gets the lease, and says which it loaded. */
const [directory = '', keys = '0'] = process.argv.slice(2)
const { backend, store } = await childStore(directory)
const loaded: number[] = []
for (let key = 0; key < Number(keys); key++) {
  for (;;) {
    const reply = await store.acquire(`key${key}`, { token: randomUUID(), leaseMs: 10_000 })
    if (reply.kind === 'hit') break
    if (reply.kind === 'lease') {
      const filled = await store.fill(`key${key}`, reply.lease, newEntry({ payload: String(process.pid) }))
      if (filled.accepted) loaded.push(key)
    }
  }
}
say(JSON.stringify(loaded))
await backend.close()
