import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Consumer, type PackageManager } from '../rehearsal/consumer.ts'
import { startRegistry, type LocalRegistry } from '../rehearsal/local-registry.ts'
import { ReleaseCopy, type Manifest } from '../rehearsal/release-copy.ts'

/** What each backend brings along; nobody who installs one downloads what another needs. */
const clients: Readonly<Record<string, readonly string[]>> = {
  memory: [],
  sqlite: ['better-sqlite3'],
  redis: ['ioredis'],
  valkey: ['iovalkey'],
}
/** What runs without a server. */
const local = ['memory', 'sqlite']
const managers: readonly PackageManager[] = ['npm', 'pnpm', 'yarn']
const nodeVersions = ['22', '24', '26']

let registry: LocalRegistry
let published: readonly Manifest[]

beforeAll(async () => {
  registry = await startRegistry()
  using copy = new ReleaseCopy()
  await copy.version()
  published = copy.packages()
  await copy.publish(registry.url)
}, 300_000)
afterAll(() => registry.close())

describe('a release, rehearsed with a registry on this machine', () => {
  it('gives every package a version of its own and publishes it', async () => {
    expect(published.length).toBeGreaterThan(4)
    for (const { name, version } of published) {
      expect(version).not.toBe('0.0.0')
      const reply = await fetch(new URL(encodeURIComponent(name), registry.url))
      expect(await reply.json()).toMatchObject({ name, 'dist-tags': { latest: version } })
    }
  })

  const choices = managers.flatMap((manager) => Object.keys(clients).map((backend) => ({ manager, backend })))
  it.each(choices)(
    'installs the backend $backend with $manager, and no client of another',
    async ({ manager, backend }) => {
      using consumer = new Consumer(manager, registry.url)
      await consumer.install([`@cache/core`, `@cache/${backend}`, '@types/node@24'])
      const installed = consumer.installed()
      for (const client of clients[backend] ?? []) expect(installed).toContain(client)
      const others = Object.keys(clients).filter((other) => other !== backend)
      for (const other of others) {
        expect(installed).not.toContain(`@cache/${other}`)
        for (const client of clients[other] ?? []) expect(installed).not.toContain(client)
      }
      consumer.write('program.mts', program(backend))
      expect(await consumer.typeFaults('program.mts', 'nodenext')).toBe('')
      expect(await consumer.typeFaults('program.mts', 'bundler')).toBe('')
    },
    120_000,
  )

  it('is used as the README says, with what it has a newcomer install', async () => {
    const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8')
    const use = readme.slice(readme.indexOf('## Use it'), readme.indexOf('## Packages'))
    const named = Array.from(use.matchAll(/^npm install (.*)$/gm), ([, names = '']) => names.split(' '))
    const programs = Array.from(use.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = '']) => code)
    expect([named.length, programs.length]).toEqual([2, 2])

    using consumer = new Consumer('npm', registry.url)
    await consumer.install([...named.flat(), '@types/node@24'])
    for (const [index, code] of programs.entries()) {
      consumer.write(`main-${index}.mts`, code)
      expect(await consumer.typeFaults(`main-${index}.mts`, 'nodenext')).toBe('')
      expect(await consumer.typeFaults(`main-${index}.mts`, 'bundler')).toBe('')
    }
    expect(await consumer.run('main-0.mts')).toBe('User 42\n')
  }, 120_000)

  it('has a core of at most 150 kB without native code', async () => {
    using consumer = new Consumer('npm', registry.url)
    await consumer.install(['@cache/core'])
    expect(consumer.sizeBytes('@cache/core')).toBeLessThanOrEqual(150_000)
    expect(globSync('**/*.{node,gyp}', { cwd: join(consumer.folder, 'node_modules') })).toEqual([])
  }, 60_000)

  it.each(nodeVersions)(
    'has packages that run on Node %s',
    async (version) => {
      using consumer = new Consumer('npm', registry.url)
      await consumer.install([`node@${version}`, '@cache/core', ...local.map((name) => `@cache/${name}`)])
      const node = join(consumer.folder, 'node_modules/node/bin/node')
      expect(await consumer.run('--version', node)).toMatch(new RegExp(`^v${version}\\.`))
      for (const backend of local) {
        consumer.write('program.mjs', program(backend))
        expect(await consumer.run('program.mjs', node)).toBe("{ name: 'INFY' }\n")
      }
    },
    300_000,
  )

  it('tells whoever has Node 20 what SQLite needs, before its driver ends the process', async () => {
    using consumer = new Consumer('npm', registry.url)
    await consumer.install(['node@20', '@cache/core', '@cache/sqlite'])
    consumer.write('program.mjs', program('sqlite'))
    const node = join(consumer.folder, 'node_modules/node/bin/node')
    await expect(consumer.run('program.mjs', node)).rejects.toThrow(
      /better-sqlite3 needs Node\.js 22 or newer, and this is 20\./,
    )
  }, 120_000)
})

/** What a newcomer writes first; plain enough to be JavaScript too. */
function program(backend: string): string {
  const options: Readonly<Record<string, string>> = {
    sqlite: `{ directory: 'db' }`,
    redis: `{ url: 'redis://127.0.0.1:6379' }`,
    valkey: `{ url: 'redis://127.0.0.1:6379' }`,
  }
  return `
import { createCaches } from '@cache/core'
import { ${backend} } from '@cache/${backend}'

const caches = await createCaches({ backend: ${backend}(${options[backend] ?? ''}) })
const quotes = caches.define('quotes', { ttl: '5m' })
await quotes.set('INFY', { name: 'INFY' })
console.log(await quotes.get('INFY'))
await caches.close()
`
}
