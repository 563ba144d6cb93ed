import type { ServerKind } from './server-kind.ts'
import { attachedUrl, serverProgram } from './server-program.ts'
import { TestServer } from './test-server.ts'

/** A server that tests may use and not break. */
export interface UsableServer {
  readonly url: string
  stop(): Promise<void>
}

/**
 * For tests that only need a server: one of their own where the program is or can be installed, else the one that
 * `REDIS_URL` or `VALKEY_URL` names, which keeps running.
 */
export async function usableServer(kind: ServerKind): Promise<UsableServer> {
  const program = await serverProgram(kind)
  const url = attachedUrl(kind)
  if (program === undefined && url !== undefined) return { url, stop: async () => {} }
  return TestServer.start({ kind })
}
