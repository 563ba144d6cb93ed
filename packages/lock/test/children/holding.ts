import { createCaches } from '@cache/core'
import { openAddress, type Address } from '@cache/tooling-backends'
import { createLocks } from '../../src/index.ts'

/** Takes a lock, says its token, and keeps it until it is killed. */
const [address, name] = process.argv.slice(2).map((text) => JSON.parse(text)) as [Address, string]
const caches = await createCaches({ backend: openAddress(address), resilience: { commandTimeout: '20s' } })
const lock = await createLocks(caches).acquire(name, { ttl: '6s', waitFor: '40s' })
process.stdout.write(`${lock.token}\n`)
process.stdin.resume()
