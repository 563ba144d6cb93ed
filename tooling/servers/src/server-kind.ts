/** The two servers that speak the protocol; their options and commands are the same. */
export type ServerKind = 'redis' | 'valkey'

interface KindNames {
  readonly title: string
  readonly program: string
  /** The Debian package. */
  readonly package: string
  /** Where the package is in Debian: the release itself, or its backports. */
  readonly suite: 'release' | 'backports'
  /** Names a server that is already running. */
  readonly urlVariable: string
}

export const kindNames: Readonly<Record<ServerKind, KindNames>> = {
  redis: {
    title: 'Redis',
    program: 'redis-server',
    package: 'redis-server',
    suite: 'release',
    urlVariable: 'REDIS_URL',
  },
  valkey: {
    title: 'Valkey',
    program: 'valkey-server',
    package: 'valkey-server',
    suite: 'backports',
    urlVariable: 'VALKEY_URL',
  },
}
