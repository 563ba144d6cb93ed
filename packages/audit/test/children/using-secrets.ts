// Uses caches with secrets made here, in every way there is, and writes down what was said of it and a heap snapshot:
// `node using-secrets.ts DIRECTORY BACKEND-AS-JSON [plain]`. The secrets are in DIRECTORY/secrets, as raw bytes.
import { randomBytes } from 'node:crypto'
import { createWriteStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { getHeapSnapshot, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  asCaller,
  createCaches,
  isCacheError,
  onCacheEvent,
  type Cache,
  type CacheBackend,
  type CacheEvents,
} from '@cache/core'
import { encryption } from '@cache/crypto'
import { memory } from '@cache/memory'
import { prometheus } from '@cache/metrics'
import { redis } from '@cache/redis'
import { sqlite } from '@cache/sqlite'
import { valkey } from '@cache/valkey'
import { Registry } from 'prom-client'
import { auditLog } from '../../src/index.ts'

type Token = { readonly access: string; readonly nested: readonly [string, { readonly refresh: string }] }

const [, , directory = '', backendText = '{}', protectedOr] = process.argv
const keySecret = randomBytes(12)
const valueSecret = randomBytes(12)
writeFileSync(join(directory, 'secrets'), Buffer.concat([keySecret, valueSecret]))

const said: string[] = []
process.on('warning', (warning) => said.push(String(warning)))

await use()
writeFileSync(join(directory, 'said'), said.join('\n'))
said.length = 0
await writeSnapshot(join(directory, 'heap'))

function backendOf(): CacheBackend {
  const { kind, ...options } = JSON.parse(backendText) as { kind: string } & Record<string, never>
  if (kind === 'sqlite') return sqlite({ directory: join(directory, 'db') })
  if (kind === 'redis') return redis(options)
  return kind === 'valkey' ? valkey(options) : memory()
}

async function use(): Promise<void> {
  for (const name of [
    'cache:read',
    'cache:load',
    'cache:change',
    'cache:failure',
    'cache:report',
    'cache:denied',
  ] as const)
    onCacheEvent(name, (event) => said.push(describe(event)))
  const caches = await createCaches({
    backend: backendOf(),
    l1: JSON.parse(backendText).kind === 'memory' ? undefined : memory(),
    protection: encryption({ keyFile: join(directory, '.cache_key') }),
    debug: {
      log: { hits: true, misses: true, slowOperations: true, keys: true, write: (line) => said.push(line) },
    },
    security: {
      audit: auditLog({ file: join(directory, 'audit.log'), caches: 'all' }),
      access: [{ cache: 'tokens', caller: 'admin', allow: ['get', 'rotate'] }],
    },
  })
  const registry = new Registry()
  const metrics = await prometheus(caches, { registry })
  const options = { ttl: '1h', sensitive: protectedOr !== 'plain' } as const
  await useCache(caches.define<Token>('auth', { ...options, loading: { negativeTtl: '1m', staleFor: '1h' } }))
  const denied = caches.define<Token>('tokens')
  await failing(() => denied.set(['user', keyText()], token()))
  await failing(() => asCaller('admin', () => denied.delete(keyText())))
  await failing(() => caches.open<Token>('auth', { as: 'x', allow: [] }).get(keyText()))
  await asCaller('admin', () => caches.reseal({ pause: 0 }))
  said.push(
    JSON.stringify(caches.stats()),
    JSON.stringify(caches.list()),
    JSON.stringify(await caches.health()),
  )
  said.push(await registry.metrics())
  metrics.stop()
  await caches.close()
}

async function useCache(auth: Cache<Token>): Promise<void> {
  await auth.set(['user', keyText()], token(), { tags: ['group:1'] })
  await auth.setMany([
    [`${keyText()}-2`, token()],
    [`${keyText()}-3`, token()],
  ])
  const bytes = auth as unknown as Cache<Uint8Array | Map<string, string>>
  await bytes.set(`${keyText()}-4`, Buffer.from(valueText()))
  await bytes.set(`${keyText()}-5`, new Map([['k', valueText()]]))
  for (let read = 0; read < 3; read++) {
    await auth.get(['user', keyText()])
    await auth.getMany([`${keyText()}-2`, `${keyText()}-4`, `${keyText()}-none`])
    auth.peek(['user', keyText()])
    await auth.getOrLoad(`${keyText()}-loaded`, async () => token())
    await auth.getOrLoad(`${keyText()}-absent`, async () => undefined)
  }
  await auth.getWithMeta(['user', keyText()])
  await auth.update(`${keyText()}-2`, (current) => current ?? token())
  await auth.expire(`${keyText()}-3`, '2h')
  await failing(() => auth.set(keyText(), { access: valueText(), f: () => valueText() } as never))
  await failing(() => auth.set(`${keyText()}\u0000`, token()))
  await failing(() => auth.increment.call(auth as never, `${keyText()}-2`))
  await failing(() =>
    auth.getOrLoad(`${keyText()}-fails`, () => Promise.reject(new Error('the source is away'))),
  )
  await failing(() => Array.fromAsync(auth.keys()))
  await auth.delete(`${keyText()}-3`)
  await auth.invalidateTags(['group:2'])
}

/** Made anew each time, so that nothing here keeps them. */
function keyText(): string {
  return keySecret.toString('hex')
}

function valueText(): string {
  return valueSecret.toString('hex')
}

function token(): Token {
  return { access: valueText(), nested: [`bearer ${valueText()}`, { refresh: `${valueText()}-refresh` }] }
}

async function failing(run: () => unknown): Promise<void> {
  try {
    await run()
    said.push('it did not fail')
  } catch (error) {
    said.push(describe({ error }))
    if (!isCacheError(error) && !(error instanceof Error)) throw error
  }
}

function describe(event: CacheEvents[keyof CacheEvents] | { readonly error: unknown }): string {
  const error = 'error' in event ? event.error : undefined
  const { message, stack, cause } = (error ?? {}) as Error
  return `${JSON.stringify(event)} ${message} ${stack} ${String(cause)} ${(cause as Error | undefined)?.stack}`
}

/** After collections, and after the engine's own memory of the last match of an expression has moved on. */
async function writeSnapshot(file: string): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let turn = 0; turn < 5; turn++) {
    ;/.*/.exec('something else')
    await new Promise((resolve) => setTimeout(resolve, 10))
    collect()
  }
  await pipeline(getHeapSnapshot(), createWriteStream(file))
}
