import type { Client } from './client.ts'

/** One request with a token: when it was sent, and whether it was served. */
export interface TokenRequest {
  readonly instance: number
  readonly sentAtMs: number
  readonly status: number
}

/** What only somebody who is signed in is served. */
const paths = ['/web/orders', '/web/strategies', '/web/api-keys'] as const

/** Callers at several instances that ask with one token, also after it has ended. */
export class TokenLoad {
  readonly requests: TokenRequest[] = []
  readonly #callers: readonly Promise<void>[]
  #stopped = false

  constructor(instances: readonly Client[]) {
    this.#callers = instances.flatMap((client, instance) =>
      paths.map((path) => this.#run(client, path, instance)),
    )
  }

  /** Until each caller has been answered so often with this status. */
  async seen(status: number, times: number): Promise<void> {
    const answers = (): number => this.requests.filter((request) => request.status === status).length
    const from = answers()
    while (answers() < from + times * this.#callers.length) await pause(10)
  }

  async stop(): Promise<readonly TokenRequest[]> {
    this.#stopped = true
    await Promise.all(this.#callers)
    return this.requests
  }

  async #run(client: Client, path: string, instance: number): Promise<void> {
    const { cookie } = client
    while (!this.#stopped) {
      const sentAtMs = performance.now()
      const { status } = await client.get(path)
      // What a refusal says of the cookie is not listened to.
      client.cookie = cookie
      this.requests.push({ instance, sentAtMs, status })
      await pause(2)
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
