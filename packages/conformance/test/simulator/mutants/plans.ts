import type { PlanOverrides } from '../../../src/index.ts'

/** Writes and reads that often meet. */
export const busy = { writeShare: 0.4, burstMs: 8, loaderMs: 40 } as const

/** A tier that is often asked, and messages that are often lost. */
export const local: PlanOverrides = {
  cache: { l1: true, withinMs: 60, ttlMs: 10_000, staleForMs: 0 },
  workload: busy,
}

export const withoutMessages: PlanOverrides = { ...local, transport: { lostShare: 1 } }

/** A network that lets through so little that L1 is alone now and then. */
export const away: PlanOverrides = {
  ...withoutMessages,
  cache: { ...local.cache, withinMs: 20, aloneForMs: 60 },
  network: { stuckShare: 0.3, lostRequestShare: 0.3 },
}

/** Replies say where the store stands. */
export const answering: PlanOverrides = { ...withoutMessages, stamps: true }

/** No tier: callers meet in flights. */
export const flights: PlanOverrides = {
  cache: { l1: false, withinMs: 0, ttlMs: 80, staleForMs: 0 },
  workload: busy,
  network: { slowShare: 0.3 },
}

export const shortLived: PlanOverrides = { ...local, cache: { ...local.cache, ttlMs: 80 } }

const never = Number.POSITIVE_INFINITY

/** Nothing goes wrong with the machines or the network. */
export const calm: PlanOverrides = {
  network: { slowShare: 0, stuckShare: 0, lostRequestShare: 0, lostReplyShare: 0 },
  faults: {
    pauseMs: never,
    crashMs: never,
    closeMs: never,
    restartMs: never,
    restoreMs: never,
    evictMs: never,
    forgetTagMs: never,
    trimLogMs: never,
    wallStepMs: never,
  },
}
