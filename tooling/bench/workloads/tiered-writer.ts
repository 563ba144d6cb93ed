// The other process: fills the file, then writes the keys it is sent and says when each write was acknowledged.
import { open } from '../contenders/tiered-local/cache.ts'
import { keyOf } from '../values.ts'
import { nowMs, tieredKeys } from './tiered-local.ts'

const [directory = ''] = process.argv.slice(2)
const cache = await open(directory, { withinMs: 0, l1TtlMs: 0 })
const versions = new Map<number, number>()
for (let key = 0; key < tieredKeys; key++) await cache.set(keyOf(key), 0)

process.on('message', ({ keys }: { readonly keys: readonly number[] }) => {
  for (const key of keys) void write(key)
})
process.send?.('ready')

async function write(key: number): Promise<void> {
  const version = (versions.get(key) ?? 0) + 1
  versions.set(key, version)
  await cache.set(keyOf(key), version)
  process.send?.({ key, version, atMs: nowMs() })
}
