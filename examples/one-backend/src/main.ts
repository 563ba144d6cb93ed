import { createCaches } from '@cache/core'
import { sqlite } from '@cache/sqlite'

await using caches = await createCaches({ backend: sqlite({ directory: 'db' }) })
const users = caches.define<{ name: string }>('users', { ttl: '10m' })

async function user(id: number): Promise<string> {
  const found = await users.getOrLoad(id, () => loadUser(id), { tags: ['users'] })
  return found?.name ?? 'nobody'
}

console.log(await user(42), await user(42)) // loaded once
await users.delete(42)
console.log(await user(42)) // loaded anew
await caches.invalidateTags(['users']) // gone in every process

async function loadUser(id: number): Promise<{ name: string }> {
  console.log(`loading ${id}`)
  return { name: 'Ada' }
}
