import { type PostgresServer, startPostgres } from '@cache/tooling-servers'

import { whenOver } from './when-over.ts'

let server: Promise<PostgresServer> | undefined
let count = 0

/** An empty database of a real PostgreSQL, which is installed and started when the first is asked for. */
export async function freshPostgres(): Promise<URL> {
  server ??= startPostgres()
  return (await server).createDatabase(`trading_${count++}`)
}

/** Takes that PostgreSQL away; the function returned brings it back. */
export async function interruptPostgres(): Promise<() => Promise<void>> {
  server ??= startPostgres()
  return (await server).interrupt()
}

/** To be called in a `beforeAll`: the server ends with the file. */
export function stopPostgresAtTheEnd(): void {
  whenOver(async () => (await server)?.stop())
}
