import type { Clock, EntryStore, Environment, LocalTier } from '@cache/core'
import type { ReferenceRules } from '../reference/reference-rules.ts'
import type { PlanOverrides, SeedPlan } from './seed-plan.ts'
import type { VirtualProcess } from './virtual-process.ts'

/** Where in the run a part is about to be spoilt. */
export interface MutationPlace {
  readonly process: VirtualProcess
  readonly plan: SeedPlan
}

/** Everything that logic may not take from the machine by itself. */
export interface FullEnvironment {
  readonly clock: Clock
  readonly random: () => number
  readonly newId: () => string
}

/** What a simulated server does wrong. */
export interface ServerMutation {
  /** Keeps its epoch when it comes back with older data. */
  readonly keepsEpoch?: boolean | undefined
  /** Cuts its log and does not say so. */
  readonly trimsSilently?: boolean | undefined
  /** Carries out commands whose deadline has passed. */
  readonly runsLateCommands?: boolean | undefined
  /** Stands around the store inside the server. */
  readonly store?: ((store: EntryStore, currentEpoch: () => string) => EntryStore) | undefined
}

/** One rule of the protocol, removed. */
export interface Mutation {
  /** Decisions of the store. */
  readonly rules?: Partial<ReferenceRules> | undefined
  readonly server?: ServerMutation | undefined
  /** Stands between the engine and the network. */
  readonly store?: ((store: EntryStore, place: MutationPlace) => EntryStore) | undefined
  readonly tier?: ((tier: LocalTier, place: MutationPlace) => LocalTier) | undefined
  readonly environment?: ((environment: FullEnvironment, place: MutationPlace) => Environment) | undefined
  /** What the engine's bound is of the one that the history is checked against. */
  readonly withinFactor?: number | undefined
  /** The same for how long L1 may answer while the store is away. */
  readonly aloneFactor?: number | undefined
  /** Changes the engine itself and returns what puts it right again. */
  readonly patch?: (() => () => void) | undefined
  /** Troubles without which the rule is not needed. */
  readonly overrides?: PlanOverrides | undefined
}

/** A mutation with the rule that it removes. */
export interface Mutant {
  readonly name: string
  /** The rule in the words of the protocol. */
  readonly rule: string
  readonly mutation: Mutation
}
