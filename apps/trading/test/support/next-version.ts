/** The app as a later version of it would be: one of its caches has another schema. */
import { registerHooks } from 'node:module'

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (!url.endsWith('/src/caches.ts')) return loaded
    const source = Buffer.from(loaded.source as string | Uint8Array).toString('utf8')
    const changed = source.replace("define('users', {", "define('users', { version: 2,")
    if (changed === source) throw new Error('The cache of users is not where this expects it')
    return { ...loaded, source: changed }
  },
})

await import('../../src/main.ts')
