import type { BackendHealth } from '@cache/ports'
import type { NodeSession } from './node-session.ts'
import { infoFields, replyText } from './server-info.ts'

type Details = Record<string, string | number | boolean>

/** Fields of INFO for an operator, by the name that they are given. */
const facts: Readonly<Record<string, string>> = {
  mode: 'redis_mode',
  role: 'role',
  memoryBytes: 'used_memory',
  maxMemoryBytes: 'maxmemory',
  evictionPolicy: 'maxmemory_policy',
  evictedKeys: 'evicted_keys',
  clients: 'connected_clients',
  uptimeSeconds: 'uptime_in_seconds',
  appendOnly: 'aof_enabled',
  replicas: 'connected_slaves',
}

/** Facts and warnings of every primary. Details are named `host:port.fact` where there are several. */
export async function describeHealth(
  sessions: readonly NodeSession[],
  trust: boolean,
): Promise<BackendHealth> {
  const details: Details = { servers: sessions.length }
  const warnings: string[] = []
  let healthy = sessions.length > 0
  for (const session of sessions) {
    try {
      const prefix = sessions.length > 1 ? `${session.address}.` : ''
      await describeServer(session, trust, { prefix, details, warnings })
    } catch (error) {
      healthy = false
      warnings.push(error instanceof Error ? error.message : String(error))
    }
  }
  return { healthy, details, warnings }
}

interface Description {
  readonly prefix: string
  readonly details: Details
  readonly warnings: string[]
}

async function describeServer(session: NodeSession, trust: boolean, to: Description): Promise<void> {
  const { version } = await session.identify()
  const info = infoFields(await session.send(() => ['info']))
  to.details[`${to.prefix}server`] = info.has('valkey_version') ? 'valkey' : 'redis'
  to.details[`${to.prefix}version`] = version
  to.details[`${to.prefix}address`] = session.address
  for (const [name, field] of Object.entries(facts)) {
    const value = info.get(field)
    if (value !== undefined) to.details[`${to.prefix}${name}`] = /^\d+$/.test(value) ? Number(value) : value
  }
  to.warnings.push(...settingWarnings(session.address, info, await settings(session), trust))
}

/** What only CONFIG tells; nothing where the user may not ask. */
async function settings(session: NodeSession): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const name of ['save', 'appendfsync']) {
    const reply = await session.send(() => ['config', 'get', name]).catch(() => null)
    if (Array.isArray(reply)) found.set(name, replyText(reply[1]))
  }
  return found
}

function settingWarnings(
  address: string,
  info: ReadonlyMap<string, string>,
  config: ReadonlyMap<string, string>,
  trust: boolean,
): string[] {
  const warnings: string[] = []
  const policy = info.get('maxmemory_policy') ?? ''
  const limited = Number(info.get('maxmemory') ?? 0) > 0
  const appends = info.get('aof_enabled') === '1'
  if (policy.startsWith('allkeys'))
    warnings.push(
      `${address} may evict any key (maxmemory-policy ${policy}), also the state of a cache, which then begins cold: set volatile-lru`,
    )
  if (limited && policy === 'noeviction')
    warnings.push(
      `${address} refuses writes when it is full (maxmemory-policy noeviction): set volatile-lru, or bound the caches`,
    )
  if (!limited) warnings.push(`${address} has no maxmemory: it can take all memory of its host; set one`)
  if (!appends && config.get('save') === '')
    warnings.push(
      `${address} keeps nothing on disk: after a restart every cache begins cold; set appendonly yes or save`,
    )
  if (trust && !(appends && config.get('appendfsync') === 'always'))
    warnings.push(
      `${address} may lose acknowledged invalidations in a crash, and trust is on: set appendfsync always, or turn trust off`,
    )
  if (info.get('rdb_last_bgsave_status') === 'err')
    warnings.push(`${address} could not save its data lately: look into its log and at its disk`)
  return warnings
}
