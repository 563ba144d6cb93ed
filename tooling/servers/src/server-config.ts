import { join } from 'node:path'

import type { Certificates } from './certificates.ts'
import { freePort } from './free-port.ts'

/** Lines of a server's configuration file, by name. */
export type ConfigOptions = Readonly<Record<string, string | number>>

/** A user with a password, and its rights as `ACL SETUSER` takes them: `['~app:*', '+@all', '-@dangerous']`. */
export interface AclUser {
  readonly name: string
  readonly password: string
  readonly rights: readonly string[]
}

/** What the READMEs tell to give the user of a prefix; the transport and a cluster need more. */
export function documentedRights(prefix: string): readonly string[] {
  const keys = [`~${prefix}:*`, `~{${prefix}:*`, `&{${prefix}:*`]
  return [
    'resetchannels',
    ...keys,
    '+@read',
    '+@write',
    '+@scripting',
    '+info',
    '+time',
    '+publish',
    '+spublish',
  ]
}

interface Place {
  readonly directory: string
  readonly port: number
  readonly certificates: Certificates | undefined
  readonly cluster: boolean
}

/** Loopback only, nothing saved by itself, `DEBUG` allowed. */
export async function baseConfig(place: Place): Promise<ConfigOptions> {
  const { directory, port, certificates, cluster } = place
  return {
    ...(certificates ? tlsConfig(port, certificates) : { port }),
    bind: '127.0.0.1',
    dir: directory,
    save: '',
    appendonly: 'no',
    daemonize: 'no',
    'enable-debug-command': 'yes',
    ...(cluster ? { 'cluster-port': await freePort(), 'cluster-node-timeout': 2000 } : {}),
  }
}

function tlsConfig(port: number, { directory }: Certificates): ConfigOptions {
  return {
    port: 0,
    'tls-port': port,
    'tls-cert-file': join(directory, 'server.crt'),
    'tls-key-file': join(directory, 'server.key'),
    'tls-ca-cert-file': join(directory, 'ca.crt'),
    'tls-auth-clients': 'yes',
  }
}

export function configText(config: ConfigOptions, users: readonly AclUser[] = []): string {
  const lines = Object.entries(config).map(([name, value]) => `${name} ${value === '' ? '""' : value}`)
  const userLines = users.map(
    ({ name, password, rights }) => `user ${name} on >${password} ${rights.join(' ')}`,
  )
  return `${[...lines, ...userLines].join('\n')}\n`
}
