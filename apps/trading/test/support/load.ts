import type { Client } from './client.ts'

/** What came of the requests of a load. */
export interface LoadResult {
  readonly requests: number
  /** Answers that were not what a user waits for, and connections that failed. */
  readonly failures: readonly string[]
}

/** Callers that ask one thing after another, until they are told to stop. */
export class Load {
  #requests = 0
  readonly #failures: string[] = []
  readonly #callers: Promise<void>[]
  #stopped = false

  constructor(callers: number, ask: (caller: number) => Promise<string | undefined>) {
    this.#callers = Array.from({ length: callers }, (_, caller) => this.#run(() => ask(caller)))
  }

  async stop(): Promise<LoadResult> {
    this.#stopped = true
    await Promise.all(this.#callers)
    return { requests: this.#requests, failures: this.#failures }
  }

  async #run(ask: () => Promise<string | undefined>): Promise<void> {
    while (!this.#stopped) {
      this.#requests++
      const fault = await ask().catch((error: unknown) => String(error))
      if (fault !== undefined) this.#failures.push(fault)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}

/** Asks and says what is wrong with the answer, if anything is. */
export async function asked(
  client: Client,
  path: string,
  isRight: (body: never) => boolean,
): Promise<string | undefined> {
  const { status, body } = await client.get(path)
  return status === 200 && isRight(body as never)
    ? undefined
    : `${path}: ${status} ${JSON.stringify(body).slice(0, 200)}`
}
