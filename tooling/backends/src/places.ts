import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { forwardingBackend, forwardingStore, referenceBackend, referenceStorage } from '@cache/conformance'
import type { CacheBackend } from '@cache/core'
import { memory } from '@cache/memory'
import { TestCluster, TestServer } from '@cache/tooling-servers'
import { openAddress, type Address } from './address.ts'

/** Somewhere that state is kept, with nothing in it. */
export interface Place {
  /** A backend as another process has it; where there is only one process, a backend with a state of its own. */
  readonly open: () => CacheBackend
  /** Every backend of the place has the same state. */
  readonly shared: boolean
  /** For children; absent where there are none. */
  readonly address: Address | undefined
  /** The server, where there is one to restart. */
  readonly server: TestServer | undefined
  readonly remove: () => Promise<void>
}

type NamedPlace = readonly [name: string, make: () => Promise<Place>]

/** Those that a child process finds as well. */
export const processPlaces: readonly NamedPlace[] = [
  ['sqlite', inDirectory],
  ['redis', () => onServer('redis')],
  ['valkey', () => onServer('valkey')],
  ['a redis cluster', () => onCluster('redis')],
  ['a valkey cluster', () => onCluster('valkey')],
]

/** Servers that can be killed and started again. */
export const serverPlaces: readonly NamedPlace[] = [
  ['redis', () => onServer('redis')],
  ['valkey', () => onServer('valkey')],
]

/** One of each kind. */
export const places: readonly NamedPlace[] = [
  ['memory', inMemory],
  ['a backend without steps', withoutSteps],
  ...processPlaces,
]

async function inMemory(): Promise<Place> {
  return {
    open: () => memory(),
    shared: false,
    address: undefined,
    server: undefined,
    remove: async () => {},
  }
}

async function inDirectory(): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'cache-place-'))
  return at({ kind: 'sqlite', directory }, () => rm(directory, { recursive: true, force: true }))
}

async function withoutSteps(): Promise<Place> {
  const storage = referenceStorage()
  const open = (): CacheBackend =>
    forwardingBackend(referenceBackend({ storage }), (store) => ({
      ...forwardingStore(store),
      step: undefined,
    }))
  return { open, shared: true, address: undefined, server: undefined, remove: async () => {} }
}

async function onServer(kind: 'redis' | 'valkey'): Promise<Place> {
  const server = await TestServer.start({ kind, config: { appendonly: 'yes', appendfsync: 'always' } })
  return at({ kind, url: server.url }, () => server.stop(), server)
}

async function onCluster(kind: 'redis' | 'valkey'): Promise<Place> {
  const cluster = await TestCluster.start({ kind })
  return at({ kind, cluster: cluster.urls }, () => cluster.stop())
}

function at(address: Address, remove: () => Promise<void>, server?: TestServer): Place {
  return { open: () => openAddress(address), shared: true, address, server, remove }
}
