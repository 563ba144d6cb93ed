// Starts a protection with a key file and prints its key and a hash: `node starting.ts FILE [UMASK]`.
import { systemClock } from '@cache/core'
import { encryption } from '../../src/index.ts'

const [, , keyFile = '', umask] = process.argv
if (umask !== undefined) process.umask(umask)
const protection = encryption({ keyFile })
await protection.start({
  clock: systemClock,
  report: () => undefined,
  readInstallation: async () => undefined,
  writeInstallation: async () => undefined,
})
const cache = protection.forCache({ prefix: 'cache', cache: 'auth', version: 1, mode: 'encrypt' })
process.stdout.write(`${protection.keys.list()[0]?.id ?? ''} ${cache.hashKey('k')}\n`)
await protection.close()
