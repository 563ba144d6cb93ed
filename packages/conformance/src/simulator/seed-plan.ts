import { VirtualTime } from './virtual-time.ts'

/** How often each thing goes wrong: the mean time between two of them; `Infinity` for never. */
export interface FaultIntervals {
  readonly pauseMs: number
  readonly crashMs: number
  /** A process is closed in the middle of its work, and another takes its place. */
  readonly closeMs: number
  /** The store starts again with nothing. */
  readonly restartMs: number
  /** The store comes back as it was some time ago. */
  readonly restoreMs: number
  /** An entry, a lease or a marker is lost. */
  readonly evictMs: number
  /** The record of a tag's latest invalidation is lost. */
  readonly forgetTagMs: number
  /** The log of changes is cut. */
  readonly trimLogMs: number
  readonly wallStepMs: number
}

/** How messages travel, 0–1 each. */
export interface NetworkPlan {
  /** Requests and replies that take tens of milliseconds. */
  readonly slowShare: number
  /** Requests and replies that take longer than a command may. */
  readonly stuckShare: number
  readonly lostRequestShare: number
  /** Requests that are carried out, and whose reply is lost. */
  readonly lostReplyShare: number
}

export interface TransportPlan {
  /** Who publishes: the server with each change, or the process that was told of it. */
  readonly publishedBy: 'engine' | 'backend'
  readonly lostShare: number
  readonly doubledShare: number
  readonly slowShare: number
  /** Messages that the sender is told were not taken. */
  readonly refusedShare: number
  /** Mean time between two moments at which a process loses its connection for a while; `Infinity` for never. */
  readonly cutMs: number
}

/** The cache under test. Durations in milliseconds. */
export interface CachePlan {
  readonly l1: boolean
  readonly withinMs: number
  /** How much longer L1 may answer while the store is away. */
  readonly aloneForMs: number
  readonly ttlMs: number
  /** What the TTL of L1 may shrink to where entries do not live long; 0 for a fixed one. */
  readonly shortestTtlMs: number
  readonly staleForMs: number
  readonly staleWhileRevalidate: boolean
  readonly negativeTtlMs: number
  readonly refreshAhead: boolean
  readonly jitter: number
  readonly leaseMs: number
  readonly softTimeoutMs: number
  readonly hardTimeoutMs: number
  readonly commandTimeoutMs: number
}

/** What one application process does. */
export interface WorkloadPlan {
  /** Mean time between two bursts of one process. */
  readonly burstMs: number
  /** Bursts that change something. */
  readonly writeShare: number
  /** The longest that a loader takes; a tenth of them take that long. */
  readonly loaderMs: number
  readonly maxAgeShare: number
  /** Loads that are not to be stored, fail, or keep the stale value. */
  readonly oddLoadShare: number
  /** Loads whose caller gives up. */
  readonly abortShare: number
  readonly atomicShare: number
  /** Versions of the truth that say "there is no such thing". */
  readonly absentShare: number
}

/** All that a seed decides before the run begins. */
export interface SeedPlan {
  readonly processes: number
  readonly keys: number
  readonly tags: number
  readonly durationMs: number
  /** Whether replies of the store carry its stamp where the port lets it go. */
  readonly stamps: boolean
  readonly cache: CachePlan
  readonly network: NetworkPlan
  readonly transport: TransportPlan
  readonly faults: FaultIntervals
  readonly workload: WorkloadPlan
}

/** Parts of a plan to hold fast, whatever the seed. */
export type PlanOverrides = {
  readonly [Part in keyof SeedPlan]?: SeedPlan[Part] extends object ? Partial<SeedPlan[Part]> : SeedPlan[Part]
}

/** A hard timeout that no load of a run that is in order reaches. */
export const patientMs = 5000

const never = Number.POSITIVE_INFINITY

/** A plan from a seed: each run has some of the troubles and lacks others, so that each gets room to do harm. */
export function seedPlan(seed: number, overrides: PlanOverrides = {}): SeedPlan {
  const dice = new VirtualTime(seed ^ 0x5eed)
  const laterDice = new VirtualTime(seed ^ 0xb05)
  const calm = dice.chance(0.15)
  const plan: SeedPlan = {
    processes: 2 + dice.below(3),
    keys: 2 + dice.below(6),
    tags: 1 + dice.below(3),
    durationMs: 5000,
    stamps: dice.chance(0.7),
    cache: cachePlan(dice, laterDice),
    network: calm ? calmNetwork : networkPlan(dice),
    transport: {
      lostShare: dice.pick([0, 0.03, 0.3, 1]),
      doubledShare: dice.pick([0, 0.1]),
      slowShare: dice.pick([0, 0.1, 0.5]),
      publishedBy: laterDice.pick(['engine', 'backend']),
      refusedShare: laterDice.pick([0, 0, 0.2]),
      cutMs: laterDice.pick([never, never, 400]),
    },
    faults: calm ? noFaults : faultIntervals(dice),
    workload: workloadPlan(dice),
  }
  return overridden(plan, overrides)
}

function cachePlan(dice: VirtualTime, laterDice: VirtualTime): CachePlan {
  const withinMs = dice.pick([0, 20, 60, 150, 400])
  return {
    l1: withinMs > 0,
    withinMs,
    ttlMs: dice.pick([80, 300, 1000, 10_000]),
    staleForMs: dice.pick([0, 0, 200, 1500]),
    staleWhileRevalidate: dice.chance(0.5),
    negativeTtlMs: dice.pick([0, 50, 500]),
    refreshAhead: dice.chance(0.3),
    jitter: dice.pick([0, 0.3]),
    leaseMs: dice.pick([90, 300]),
    softTimeoutMs: dice.pick([0, 15, 40]),
    hardTimeoutMs: dice.pick([patientMs, patientMs, 120]),
    commandTimeoutMs: dice.pick([60, 150]),
    aloneForMs: withinMs > 0 ? laterDice.pick([0, 0, 0, 300]) : 0,
    shortestTtlMs: laterDice.pick([0, 0, 5, 50]),
  }
}

function networkPlan(dice: VirtualTime): NetworkPlan {
  return {
    slowShare: dice.pick([0, 0.05, 0.3]),
    stuckShare: dice.pick([0, 0, 0.02]),
    lostRequestShare: dice.pick([0, 0.01, 0.05]),
    lostReplyShare: dice.pick([0, 0.01, 0.05]),
  }
}

function faultIntervals(dice: VirtualTime): FaultIntervals {
  return {
    pauseMs: dice.pick([never, 400, 1500]),
    crashMs: dice.pick([never, never, 1500]),
    closeMs: dice.pick([never, never, 1500]),
    restartMs: dice.pick([never, never, 2000]),
    restoreMs: dice.pick([never, 900, 2500]),
    evictMs: dice.pick([never, 60, 300]),
    forgetTagMs: dice.pick([never, 50, 300]),
    trimLogMs: dice.pick([never, 40, 300]),
    wallStepMs: dice.pick([never, 300]),
  }
}

function workloadPlan(dice: VirtualTime): WorkloadPlan {
  return {
    burstMs: dice.pick([8, 15, 30]),
    writeShare: dice.pick([0.05, 0.15, 0.4]),
    loaderMs: dice.pick([5, 40, 200]),
    maxAgeShare: dice.pick([0, 0.1]),
    oddLoadShare: dice.pick([0, 0.08]),
    abortShare: dice.pick([0, 0, 0.1]),
    atomicShare: dice.pick([0, 0.1, 0.3]),
    absentShare: dice.pick([0, 0.25]),
  }
}

const calmNetwork: NetworkPlan = { slowShare: 0, stuckShare: 0, lostRequestShare: 0, lostReplyShare: 0 }

const noFaults: FaultIntervals = {
  pauseMs: never,
  crashMs: never,
  closeMs: never,
  restartMs: never,
  restoreMs: never,
  evictMs: never,
  forgetTagMs: never,
  trimLogMs: never,
  wallStepMs: never,
}

function overridden(plan: SeedPlan, overrides: PlanOverrides): SeedPlan {
  return {
    ...plan,
    ...overrides,
    cache: { ...plan.cache, ...overrides.cache },
    network: { ...plan.network, ...overrides.network },
    transport: { ...plan.transport, ...overrides.transport },
    faults: { ...plan.faults, ...overrides.faults },
    workload: { ...plan.workload, ...overrides.workload },
  }
}
