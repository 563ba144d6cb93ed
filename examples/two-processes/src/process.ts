// One of several processes of a host: they share a SQLite file, and tell each other by ZeroMQ what to drop from memory.
import { createInterface } from 'node:readline'
import process from 'node:process'
import { createCaches } from '@cache/core'
import { zeromq } from '@cache/invalidation/zeromq'
import { memory } from '@cache/memory'
import { sqlite } from '@cache/sqlite'

await using caches = await createCaches({
  backend: sqlite({ directory: 'db' }),
  l1: memory(),
  transport: zeromq({ directory: 'db/bus' }),
})
const prices = caches.define<number>('prices', { ttl: '1h' })
console.log('ready')

for await (const line of createInterface({ input: process.stdin })) {
  const [command = '', symbol = '', price = ''] = line.split(' ')
  if (command === 'set') console.log(await prices.set(symbol, Number(price)))
  else if (command === 'get') console.log(await prices.get(symbol))
  else if (command === 'peek') console.log(prices.peek(symbol)) // what is in the memory of this process
  else if (command === 'delete') console.log(await prices.delete(symbol))
  else console.log('set, get, peek or delete; Ctrl-D ends')
}
