export type { BackendFixture, BackendHarness } from './backend-harness.ts'
export type { BackendCase, BackendConcern, Need } from './backend-case.ts'
export { CaseContext, leaseOn, leaseRequest } from './case-context.ts'
export { allBackendCases } from './cases/all-backend-cases.ts'
export { runBackendCase, runBackendCases } from './run-backend-cases.ts'
export type { CaseFailure, RunOptions, RunResult } from './run-backend-cases.ts'
export type { TransportFixture, TransportHarness } from './transport/transport-harness.ts'
export type { TransportCase } from './transport/transport-case.ts'
export { transportCases } from './transport/transport-cases.ts'
export { runTransportCase } from './transport/run-transport-case.ts'
export { newEntry } from './new-entry.ts'
export { counterStep, type CounterInput, type CounterOutput } from './counter-step.ts'
export { ManualClock, type ManualClockStart } from './manual-clock.ts'
export { seededRandom, type Random } from './seeded-random.ts'
export {
  referenceBackend,
  referenceCapabilities,
  type ReferenceOptions,
} from './reference/reference-backend.ts'
export { referenceRules, type ReferenceRules } from './reference/reference-rules.ts'
export { referenceStorage, type ReferenceStorage } from './reference/reference-storage.ts'
export { forwardingBackend, forwardingStore } from './forwarding.ts'
export { faultyBackend } from './faults/faulty-backend.ts'
export { anyOf, during, everyNth, onlyFor, sometimes } from './faults/fault-plan.ts'
export type { Fault, FaultPlan, PlannedCall, StoreOperation } from './faults/fault-plan.ts'
export { simulate, type SimulationOptions, type SimulationResult } from './simulator/simulate.ts'
export { seedPlan } from './simulator/seed-plan.ts'
export type {
  CachePlan,
  FaultIntervals,
  NetworkPlan,
  PlanOverrides,
  SeedPlan,
  TransportPlan,
  WorkloadPlan,
} from './simulator/seed-plan.ts'
export type { Mutant, Mutation, MutationPlace, ServerMutation } from './simulator/mutation.ts'
export type { Violation } from './simulator/history-checker.ts'
export type { Variant } from './simulator/simulated-process.ts'
export { VirtualTime, type ScheduledEvent } from './simulator/virtual-time.ts'
export { VirtualProcess } from './simulator/virtual-process.ts'
