import { setTimeout as sleep } from 'node:timers/promises'

const giveUpAfterMs = 60_000
const pollMs = 25

/** Asks until the answer is not `undefined` or `false`; an error counts as no answer. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
  const startedAt = performance.now()
  let failure: unknown
  while (performance.now() - startedAt < giveUpAfterMs) {
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer
    } catch (error) {
      failure = error
    }
    await sleep(pollMs)
  }
  throw new Error(`Waited ${giveUpAfterMs} ms until ${what}, in vain`, { cause: failure })
}
