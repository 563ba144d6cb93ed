import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auditLog } from '@cache/audit'
import { createCaches, systemClock, type Cache, type CachesOptions } from '@cache/core'
import { encryption } from '@cache/crypto'
import { memory } from '@cache/memory'
import { sqlite } from '@cache/sqlite'
import { seededRandom } from '../../random.ts'
import { keyOf, quoteOf, type Quote } from '../../values.ts'
import type { CryptoOperation, CryptoPart, CryptoWork } from '../../workloads/crypto.ts'
// Its own tests mutate in the same way.
import { mutated } from '../../../../packages/crypto/bench/mutations.ts'

const entries = 1000
const payload = 'x'.repeat(512)
const place = { key: keyOf(1), format: 2, revision: 'YWJjZGVmZ2hp.1z', version: undefined, tags: ['user:1'] }
const times = { wallMs: 1_800_000_000_000, freshForMs: 60_000, keptForMs: 60_000 }

/** Plain AES-256-GCM and ours side by side, entries with and without encryption, calls with and without audit. */
export function open(part: CryptoPart, quick: boolean): Promise<CryptoWork> {
  const parts: Readonly<Record<CryptoPart, () => Promise<CryptoWork>>> = {
    sealing,
    entries: sqliteEntries,
    audit: auditedReads,
    mutations: () => mutations(quick ? 10_000 : 1_000_000),
  }
  return parts[part]()
}

async function protection(): Promise<ReturnType<typeof encryption>> {
  const started = encryption({ keys: () => randomBytes(32) })
  await started.start({
    clock: systemClock,
    report: () => undefined,
    readInstallation: async () => undefined,
    writeInstallation: async () => undefined,
  })
  return started
}

async function sealing(): Promise<CryptoWork> {
  const started = await protection()
  const scope = { prefix: 'cache', cache: 'auth', version: 1 }
  const encrypted = started.forCache({ ...scope, mode: 'encrypt' })
  const signed = started.forCache({ ...scope, mode: 'sign' })
  const [envelope, signature] = [encrypted.seal(payload, place, times), signed.seal(payload, place, times)]
  const operations = {
    ...plainGcm(),
    encrypt: () => encrypted.seal(payload, place, times),
    decrypt: () => checked(encrypted.open(envelope, place)),
    sign: () => signed.seal(payload, place, times),
    verify: () => checked(signed.open(signature, place)),
    hashKey: () => encrypted.hashKey('user:4711:api-key:0123456789abcdef'),
  }
  return {
    operations: Object.fromEntries(
      Object.entries(operations).map(([name, run]): [string, CryptoOperation] => [
        name,
        { kind: 'computed', run },
      ]),
    ),
    close: () => started.close(),
  }
}

/** With a kept key object and nothing bound: the floor. The nonce is counted, which costs nothing. */
function plainGcm(): { readonly plainEncrypt: () => unknown; readonly plainDecrypt: () => unknown } {
  const key = createSecretKey(randomBytes(32))
  const nonce = Buffer.alloc(12)
  const bytes = Buffer.from(payload)
  const encrypt = (): { readonly bytes: Buffer; readonly tag: Buffer } => {
    nonce.writeUInt32LE((nonce.readUInt32LE() + 1) >>> 0)
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    const encrypted = cipher.update(bytes)
    cipher.final()
    return { bytes: encrypted, tag: cipher.getAuthTag() }
  }
  const sealed = encrypt()
  const fixed = Buffer.from(nonce)
  return {
    plainEncrypt: encrypt,
    plainDecrypt: () => {
      const decipher = createDecipheriv('aes-256-gcm', key, fixed)
      decipher.setAuthTag(sealed.tag)
      const plain = decipher.update(sealed.bytes)
      decipher.final()
      return plain
    },
  }
}

function checked(reply: { readonly ok: boolean }): unknown {
  if (!reply.ok) throw new Error('An envelope did not open')
  return reply
}

async function sqliteEntries(): Promise<CryptoWork> {
  const directory = await mkdtemp(join(tmpdir(), 'cache-bench-'))
  const plain = await opened(
    { backend: sqlite({ directory: join(directory, 'plain') }) },
    { sensitive: false },
  )
  const encrypted = await opened(
    { backend: sqlite({ directory: join(directory, 'encrypted') }) },
    { sensitive: true },
  )
  return {
    operations: { plainGet: reads(plain.cache), encryptedGet: reads(encrypted.cache) },
    close: async () => {
      await Promise.all([plain.close(), encrypted.close()])
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function auditedReads(): Promise<CryptoWork> {
  const directory = await mkdtemp(join(tmpdir(), 'cache-bench-'))
  const all = await Promise.all(
    [true, false].flatMap((sensitive) =>
      [true, false].map((isAudited) => {
        const file = join(directory, `${sensitive}.log`)
        const audit = isAudited ? auditLog({ file, caches: 'all', onFailure: 'continue' }) : undefined
        return opened({ backend: memory(), security: { audit } }, { sensitive })
      }),
    ),
  )
  const [auditedSensitive, sensitive, audited, plain] = all.map(({ cache }) => reads(cache))
  const operations = { auditedSensitive, sensitive, audited, plain } as Record<string, CryptoOperation>
  return {
    operations,
    close: async () => {
      await Promise.all(all.map(({ close }) => close()))
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function opened(
  options: CachesOptions,
  { sensitive }: { readonly sensitive: boolean },
): Promise<{ readonly cache: Cache<Quote>; readonly close: () => Promise<void> }> {
  const key = randomBytes(32)
  const caches = await createCaches({ ...options, protection: encryption({ keys: () => key }) })
  const cache = caches.define<Quote>('quotes', { ttl: '1h', sensitive })
  await cache.setMany(Array.from({ length: entries }, (_, index) => [keyOf(index), quoteOf(index)] as const))
  return { cache, close: () => caches.close() }
}

function reads(cache: Cache<Quote>): CryptoOperation {
  const keys = Array.from({ length: entries }, (_, index) => keyOf(index))
  return { kind: 'awaited', run: (index) => cache.get(keys[(index * 7) % entries] ?? '') }
}

/** How many of many mutated envelopes open: none may. */
async function mutations(count: number): Promise<CryptoWork> {
  const started = await protection()
  const random = seededRandom(count)
  const below = (limit: number): number => Math.floor(random() * limit)
  let accepted = 0
  for (const mode of ['encrypt', 'sign'] as const) {
    const cache = started.forCache({ prefix: 'cache', cache: 'auth', version: 1, mode })
    const envelope = Buffer.from(cache.seal('broker token 4711', place, times))
    for (let run = 0; run < count / 2; run++) if (cache.open(mutated(envelope, below), place).ok) accepted++
  }
  return { counts: { mutations: count, accepted }, close: () => started.close() }
}
