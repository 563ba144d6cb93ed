import process from 'node:process'
import { createCaches } from '@cache/core'
import { pubSub } from '@cache/invalidation/pubsub'
import { memory } from '@cache/memory'
import { redis } from '@cache/redis'

// Some of the nodes are enough: the others are found.
const nodes = (process.env['REDIS_NODES'] ?? 'redis://127.0.0.1:7000').split(',')

const backend = redis({
  cluster: nodes,
  partitions: 4, // each cache is spread over four slots, so its load is on several nodes
})
await using caches = await createCaches({ backend, l1: memory(), transport: pubSub({ backend }) })
const profiles = caches.define<{ name: string; team: string }>('profiles', { ttl: '10m' })

// Keys of one batch lie on several nodes: one pipeline for each.
const ids = Array.from({ length: 100 }, (_, index) => index)
await profiles.setMany(
  ids.map((id) => [['user', id], { name: `User ${id}`, team: id % 2 === 0 ? 'red' : 'blue' }] as const),
  { tags: ['profiles'] },
)
const found = await profiles.getMany(ids.map((id) => ['user', id]))
console.log(found.filter((profile) => profile !== undefined).length, 'of 100 found')

await profiles.invalidateTags(['profiles'])
console.log(await profiles.get(['user', 42]), 'after the invalidation')

const { healthy, details } = await caches.health()
console.log(healthy ? 'healthy' : 'not healthy', details)
