/** One process of several: does with its caches what it is told to. */
import { createCaches, type Cache } from '@cache/core'
import { memory } from '@cache/memory'
import { sqlite } from '@cache/sqlite'
import { zeromq } from '../../src/zeromq/index.ts'

/** What a peer is told to do. */
export interface PeerOrder {
  readonly id: number
  readonly what: 'define' | 'set' | 'get' | 'peek' | 'delete' | 'clear' | 'clearAll' | 'tags' | 'stats'
  readonly name: string
  readonly value?: string | undefined
}

export interface PeerAnswer {
  readonly id: number
  readonly result: unknown
}

const [, , directory = ''] = process.argv

const caches = await createCaches({
  backend: sqlite({ directory }),
  l1: memory(),
  transport: zeromq({ directory: `${directory}/bus` }),
  // Only messages are to be fast enough for the tests.
  within: '1h',
})

const values = (): Cache<string> => {
  cache ??= caches.define<string>('values')
  return cache
}
let cache: Cache<string> | undefined

async function follow({ what, name, value = '' }: PeerOrder): Promise<unknown> {
  switch (what) {
    case 'set':
      return values().set(name, value, { tags: [`t-${name}`] })
    case 'get':
      return values().get(name)
    case 'peek':
      return values().peek(name)
    case 'delete':
      return values().delete(name)
    case 'clear':
      return values().clear()
    case 'clearAll':
      return caches.clear()
    case 'tags':
      return caches.invalidateTags([name])
    case 'stats':
      return values().stats()
    default:
      values()
      return undefined
  }
}

process.on('message', (order: PeerOrder) => {
  void follow(order).then((result) => process.send?.({ id: order.id, result } satisfies PeerAnswer))
})
process.on('disconnect', () => void caches.close().then(() => process.exit(0)))
process.send?.({ id: 0, result: 'ready' } satisfies PeerAnswer)
